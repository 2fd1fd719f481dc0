//! The arc of energy over an album, and the order that follows it best while neighbours fit.

/// Energy over the album: (place 0 to 1, energy 0 to 1).
const ARC: [(f64, f64); 6] = [(0.0, 0.75), (0.2, 1.0), (0.45, 0.6), (0.6, 0.4), (0.8, 0.8), (1.0, 0.15)];
/// What a place of the arc weighs beside one transition, by the square of the distance; the first and the last place, which people
/// remember, weigh twice as much.
const ARC_WEIGHT: f64 = 4.0;
/// Up to so many units all orders are compared.
const MOST_COMPARED: usize = 12;

/// Energy that the arc has at a place.
pub(super) fn arc(place: f64) -> f64 {
    let after = ARC.iter().position(|(at, _)| *at >= place).unwrap_or(ARC.len() - 1).max(1);
    let ((x0, y0), (x1, y1)) = (ARC[after - 1], ARC[after]);
    y0 + (y1 - y0) * (place - x0) / (x1 - x0)
}

/// How far a unit's energy is from the arc at place `n` of `count`.
pub(super) fn miss(energy: f64, n: usize, count: usize) -> f64 {
    let end = if n == 0 || n + 1 == count { 2.0 } else { 1.0 };
    end * (energy - arc(n as f64 / (count.max(2) - 1) as f64)).powi(2)
}

/// The best order of units: of all of them where they are few.
pub(super) fn best(energies: &[f64], scores: &[Vec<f64>]) -> Vec<usize> {
    if energies.len() <= MOST_COMPARED { compared(energies, scores) } else { exchanged(energies, scores) }
}

/// The best of all orders.
fn compared(energies: &[f64], scores: &[Vec<f64>]) -> Vec<usize> {
    let n = energies.len();
    if n < 2 {
        return (0..n).collect();
    }
    // best[set][last]: the most that an order of `set` that ends with `last` can have, and what came before.
    let mut best = vec![vec![(f64::NEG_INFINITY, usize::MAX); n]; 1 << n];
    for first in 0..n {
        best[1 << first][first] = (-ARC_WEIGHT * miss(energies[first], 0, n), usize::MAX);
    }
    for set in 1usize..1 << n {
        let placed = set.count_ones() as usize;
        for last in (0..n).filter(|last| set & (1 << last) != 0) {
            let (value, _) = best[set][last];
            for next in (0..n).filter(|next| set & (1 << next) == 0) {
                let new = value + scores[last][next] - ARC_WEIGHT * miss(energies[next], placed, n);
                let cell = &mut best[set | 1 << next][next];
                if new > cell.0 + 1e-12 {
                    *cell = (new, last);
                }
            }
        }
    }
    let mut set = (1 << n) - 1;
    let mut last = (0..n).max_by(|a, b| best[set][*a].0.total_cmp(&best[set][*b].0).then(b.cmp(a))).unwrap_or(0);
    let mut order = vec![last];
    while best[set][last].1 != usize::MAX {
        let before = best[set][last].1;
        set &= !(1 << last);
        last = before;
        order.push(last);
    }
    order.reverse();
    order
}

/// From the given order, pairs exchanged as long as that helps.
fn exchanged(energies: &[f64], scores: &[Vec<f64>]) -> Vec<usize> {
    let n = energies.len();
    let value = |order: &[usize]| {
        let steps: f64 = order.windows(2).map(|pair| scores[pair[0]][pair[1]]).sum();
        steps - ARC_WEIGHT * order.iter().enumerate().map(|(i, unit)| miss(energies[*unit], i, n)).sum::<f64>()
    };
    let mut order: Vec<usize> = (0..n).collect();
    let mut now = value(&order);
    loop {
        let mut better = false;
        for a in 0..n {
            for b in a + 1..n {
                order.swap(a, b);
                let new = value(&order);
                if new > now + 1e-9 {
                    (now, better) = (new, true);
                } else {
                    order.swap(a, b);
                }
            }
        }
        if !better {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arc_is_followed_and_neighbours_fit() {
        // Without any preference between neighbours the arc alone decides.
        let energies = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
        let none = vec![vec![0.0; 6]; 6];
        let order = compared(&energies, &none);
        assert_eq!((order[1], order[5]), (5, 0), "the peak early, the end soft: {order:?}");
        // With energies alike the chain of good transitions decides.
        let chain: Vec<Vec<f64>> =
            (0..5).map(|a: usize| (0..5).map(|b| f64::from(u8::from(b == (a + 2) % 5))).collect()).collect();
        let order = compared(&[0.5; 5], &chain);
        assert!(order.windows(2).all(|pair| pair[1] == (pair[0] + 2) % 5), "{order:?}");
        let swapped = exchanged(&energies, &none);
        let cost = |order: &[usize]| order.iter().enumerate().map(|(n, unit)| miss(energies[*unit], n, 6)).sum::<f64>();
        assert!(cost(&swapped) <= cost(&compared(&energies, &none)) + 1e-9, "{swapped:?}");
    }
}
