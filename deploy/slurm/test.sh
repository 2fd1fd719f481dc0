#!/usr/bin/env bash
# The recipe on a Slurm of two nodes on this host (Debian: slurm-wlm munge), one of which is killed in the middle of its work, as
# if its power had failed, while the controller is restarted. Then: each row done once, all bytes as on one machine.
#
#   deploy/slurm/test.sh PROGRAM [ROWS [ONE]]        ends with 75 where there is no Slurm
#
# ONE is the folder of a run on one machine, by the same program, of so many rows; without it that run comes first.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:?the program}")
rows=${2:-24}
one=${3:-}

for tool in slurmctld slurmd munged sbatch; do
    command -v "$tool" >/dev/null || { echo "$tool is missing: not tested (Debian: slurm-wlm munge)"; exit 75; }
done
[ "$(id -u)" -eq 0 ] || { echo "only root starts its own Slurm: not tested"; exit 75; }

dir=$(mktemp -d)
export SLURM_CONF=$dir/slurm.conf AUTOMASTER=$program MANIFEST=$dir/m.jsonl
pids=()
finish() {
    code=$?
    disown -a
    for pid in "${pids[@]}" $(jobs_on one) $(jobs_on two); do kill -9 "$pid" 2>/dev/null || true; done
    if [ $code -eq 0 ]; then rm -rf "$dir"; else echo "kept: $dir"; fi
}
trap finish EXIT
since() { awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }'; }
say() { echo "$(date +%T.%3N) $*"; }

# Processes of this test's jobs on a node, and the steps' daemons above them.
jobs_on() {
    local pid parent
    for pid in $(pgrep -f -- "batch $MANIFEST --shard"); do
        grep -zqxF "SLURMD_NODENAME=$1" "/proc/$pid/environ" 2>/dev/null || continue
        echo "$pid"
        parent=$(ps -o ppid= -p "$pid" 2>/dev/null | tr -d ' ')
        [[ $(ps -o comm= -p "${parent:-0}" 2>/dev/null) == slurmstepd* ]] && echo "$parent"
    done
    true
}

if [ -n "$one" ]; then
    cp -a "$one" "$dir/one"
else
    python3 "$here/../test/make.py" "$dir/one" "$rows"
    begun=$(date +%s.%N)
    "$program" batch "$dir/one/m.jsonl" --jobs 2 --quiet
    say "one machine: $(since "$begun") s"
fi
cp -r "$dir/one/in" "$dir/one/m.jsonl" "$dir/"

# A Slurm of its own: keys, ports and folders nobody else uses.
dd if=/dev/urandom of="$dir/munge.key" bs=1024 count=1 2>/dev/null && chmod 400 "$dir/munge.key"
mkdir -p "$dir/state" "$dir/spool-one" "$dir/spool-two" "$dir/munge"
chmod 755 "$dir" "$dir/munge"
munged --foreground --force --key-file "$dir/munge.key" --socket "$dir/munge/socket" --pid-file "$dir/munge/pid" \
    --log-file "$dir/munge.log" --seed-file "$dir/munge/seed" 2>"$dir/munged.err" &
pids+=($!)
for _ in $(seq 100); do [ -S "$dir/munge/socket" ] && break; sleep 0.1; done
host=$(hostname -s)
cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=17817
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool-%n
SlurmctldPidFile=$dir/ctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmctldLogFile=$dir/ctld.log
SlurmdLogFile=$dir/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,batch_sched_delay=0
SchedulerType=sched/builtin
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=8
MinJobAge=3600
MaxArraySize=10001
MaxJobCount=20000
JobRequeue=1
MpiDefault=none
SlurmdParameters=config_overrides
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=17818 CPUs=2 State=UNKNOWN
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=17819 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=one,two Default=YES MaxTime=INFINITE State=UP
CONF
start_controller() { slurmctld -D -i 2>>"$dir/ctld.err" & controller=$!; pids+=("$controller"); }
start_node() { slurmd -D -N "$1" 2>>"$dir/slurmd-$1.err" & pids+=($!); eval "node_$1=$!"; }
start_controller
sleep 1
start_node one
start_node two
for _ in $(seq 100); do [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ] && break; sleep 0.2; done
sinfo

done_rows() { cat "$dir"/m.results.*.jsonl 2>/dev/null | grep -c '"status":"done"' || true; }
begun=$(date +%s.%N)
job=$(sbatch --parsable --array=0-$((rows - 1)) --mem-per-cpu=0 --export=ALL --output="$dir/job.log" "$here/automaster.sbatch")
say "job $job: $rows tasks"

while [ "$(done_rows)" -lt $((rows / 4)) ]; do sleep 0.5; done
# Rows are short: whoever is to die in the middle of one is stopped first.
caught=""
until [ -n "$caught" ]; do
    kill -STOP "$node_two"
    victims=$(jobs_on two | tr '\n' ' ')
    for pid in $victims; do kill -STOP "$pid" 2>/dev/null || true; done
    for pid in $victims; do
        if [[ $(ps -o stat=,args= -p "$pid" 2>/dev/null) == T*"batch $MANIFEST --shard"* ]]; then caught+=" $pid"; fi
    done
    [ -n "$caught" ] && break
    for pid in $victims "$node_two"; do kill -CONT "$pid" 2>/dev/null || true; done
done
shares=$(for pid in $caught; do tr '\0' '\n' <"/proc/$pid/environ" | grep ^SLURM_ARRAY_TASK_ID= | cut -d= -f2; done | tr '\n' ' ')
disown "$node_two"
# shellcheck disable=SC2086
kill -9 "$node_two" $victims 2>/dev/null || true
say "node two is dead, in the middle of rows (from 0) $shares, after $(done_rows) rows"

while [ "$(done_rows)" -lt $((rows / 2)) ]; do sleep 0.5; done
kill "$controller" && wait "$controller" 2>/dev/null || true
say "the controller is down, after $(done_rows) rows"
sleep 2
start_controller
say "the controller is up again"
sleep 10
start_node two
say "node two is up again: $(sinfo -h -o '%D %t' | tr '\n' ' ')"

for _ in $(seq 6000); do [ -z "$(squeue -h -j "$job" 2>/dev/null || echo wait)" ] && break; sleep 0.2; done
took=$(since "$begun")
say "the queue is empty after $took s: $(awk -v n="$rows" -v s="$took" 'BEGIN { printf "%.2f", n / s }') rows a second; load average $(cut -d' ' -f1 /proc/loadavg)"
grep -E "requeue|not responding|Nodes? two|DOWN" "$dir/ctld.log" | tail -12 || true
cat "$dir/job.log"
stray=$(find "$dir/out" -name '.*' | head)
[ -z "$stray" ] || { echo "stray files: $stray"; exit 1; }
python3 "$here/../test/check.py" "$dir" "$dir/one" "$rows"
"$program" batch summary "$dir"/m.results.*.jsonl | sed -n 3p
