"""Masters with Matchering: run-matchering.py MIX REFERENCE OUTPUT (24 bit; WAV or FLAC by OUTPUT's extension)."""

import sys

import matchering

mix, reference, output = sys.argv[1:]
matchering.process(target=mix, reference=reference, results=[matchering.pcm24(output)])
