//! The forms of RIFF and its kin.

use super::*;

#[test]
fn chunks_come_in_any_order_with_any_padding() {
    let (desk, words) = (Desk::new(), words_16(501, 2));
    let (fmt, data) = (format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words)));
    for before in [vec![], vec![list(9)], vec![chunk(b"bext", vec![0; 602]), list(0), chunk(b"JUNK", vec![7; 27])]] {
        for between in [vec![], vec![chunk(b"fact", vec![1, 0, 0, 0])], vec![list(1), chunk(b"PEAK", vec![0; 24])]] {
            for after in [vec![], vec![list(33)], vec![chunk(b"id3 ", vec![0; 11]), chunk(b"data", vec![1; 40])]] {
                let chunks =
                    [before.as_slice(), std::slice::from_ref(&fmt), &between, std::slice::from_ref(&data), &after].concat();
                same(desk.read(&riff(b"RIFF", &chunks)), &words);
            }
        }
    }
    for odd in [list(9).unpadded(), chunk(b"JUNK", vec![b'd'; 3]).unpadded(), chunk(b"bext", vec![0; 603]).unpadded()] {
        same(desk.read(&riff(b"RIFF", &[odd.clone(), fmt.clone(), odd, data.clone()])), &words);
    }
    corrupt(desk.read(&riff(b"RIFF", &[data.clone(), fmt.clone()])), "before the format");
    corrupt(desk.read(&riff(b"RIFF", std::slice::from_ref(&fmt))), "before its samples");

    let (comm, ssnd) = (common(2, 501, 16, RATE_HZ), sound(&big(&words)));
    let name = chunk(b"NAME", b"a song".to_vec());
    for chunks in
        [vec![&comm, &ssnd], vec![&ssnd, &comm], vec![&name, &comm, &name, &ssnd, &name], vec![&name, &ssnd, &name, &comm]]
    {
        let chunks: Vec<Chunk> = chunks.into_iter().cloned().collect();
        same(desk.read(&aiff(b"AIFF", &chunks)), &words);
    }
    for chunks in [vec![&fmt, &data], vec![&name, &fmt, &name, &data, &name]] {
        let chunks: Vec<Chunk> = chunks.into_iter().cloned().collect();
        same(desk.read(&wave64(&chunks)), &words);
    }
    corrupt(desk.read(&wave64(&[data, fmt])), "before the format");
}

#[test]
fn bytes_that_make_no_whole_frame_are_left_over() {
    let (desk, words) = (Desk::new(), words_16(100, 2));
    for extra in 1..4 {
        let data = [little(&words), vec![9; extra]].concat();
        for data in [chunk(b"data", data.clone()), chunk(b"data", data).unpadded()] {
            same(desk.read(&riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), data])), &words);
        }
    }
}

#[test]
fn lengths_that_lie_cost_nothing_and_mislead_nobody() {
    let (desk, words) = (Desk::new(), words_16(1_000, 2));
    let (fmt, data) = (format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words)));
    // The length of the whole file is nobody's business.
    for length in [0, 4, 100, 0x7FFF_FFFF, u32::MAX] {
        let mut file = riff(b"RIFF", &[fmt.clone(), data.clone()]);
        file[4..8].copy_from_slice(&length.to_le_bytes());
        same(desk.read(&file), &words);
    }
    // The data's length is a promise: less is what counts, more is a truncated file.
    let claims = |claims: u64| riff(b"RIFF", &[fmt.clone(), data.clone().claiming(claims), list(5)]);
    same(desk.read(&claims(400)), &words[..200]);
    for more in [4_100, 1 << 20, 0x7FFF_0000, 0xFFFF_0000] {
        match desk.read(&claims(more)) {
            Err(AudioError::Truncated { declared_s: Some(declared_s), .. }) => {
                assert!((declared_s - (more / 4) as f64 / f64::from(RATE_HZ)).abs() < 1e-6);
            }
            other => panic!("{more}: {other:?}"),
        }
        assert_eq!(desk.read_tolerant(&claims(more)).unwrap().warnings, ["truncated"]);
    }
    for other in [list(5), chunk(b"fmt ", fmt.bytes.clone()), chunk(b"JUNK", vec![])] {
        for claim in [0x10_0000, 0x7FFF_FFFF, u32::MAX.into()] {
            let file = riff(b"RIFF", &[other.clone().claiming(claim), fmt.clone(), data.clone()]);
            corrupt(desk.read(&file), "before its samples");
        }
    }
    corrupt(desk.read(&riff(b"RIFF", &[fmt.clone().claiming(15), data.clone()])), "too short");
    // Channels, rate and words beyond reason.
    for (channels, rate_hz, align, bits) in
        [(0, RATE_HZ, 4, 16), (2, RATE_HZ, 0, 16), (2, RATE_HZ, 3, 16), (2, RATE_HZ, 4, 0), (2, RATE_HZ, 4, 65_535)]
    {
        let fmt = chunk(b"fmt ", format_bytes(1, channels, rate_hz, align, bits));
        corrupt(desk.read(&riff(b"RIFF", &[fmt, data.clone()])), "");
    }
    for (channels, rate_hz) in [(65_535, RATE_HZ), (3, RATE_HZ), (2, 0), (2, 7_999), (2, 384_001), (1, u32::MAX)] {
        let fmt = chunk(b"fmt ", format_bytes(1, channels, rate_hz, 4, 16));
        let refused = desk.read(&riff(b"RIFF", &[fmt, data.clone()])).unwrap_err();
        assert!(matches!(refused, AudioError::TooManyChannels { .. } | AudioError::RateOutOfRange { .. }), "{refused}");
    }

    let wide = |claims: u64| wave64(&[fmt.clone(), data.clone().claiming(claims)]);
    for more in [4_100, 1 << 33, i64::MAX as u64 >> 1] {
        assert!(matches!(desk.read(&wide(more)), Err(AudioError::Truncated { .. })), "{more}");
    }
    assert_eq!(desk.read(&wide(i64::MAX as u64)).unwrap().warnings, ["length_unknown"]);
    assert_eq!(desk.read(&wide(u64::MAX)).unwrap().warnings, ["length_unknown"]);
    for claim in [1 << 40, u64::MAX] {
        corrupt(desk.read(&wave64(&[list(5).claiming(claim), fmt.clone(), data.clone()])), "before its samples");
    }
    let mut backwards = wave64(&[list(5), fmt.clone(), data.clone()]);
    backwards[56..64].copy_from_slice(&3_u64.to_le_bytes());
    corrupt(desk.read(&backwards), "shorter than its head");

    let comm = |channels, frames| common(channels, frames, 16, RATE_HZ);
    same(desk.read(&aiff(b"AIFF", &[comm(2, u32::MAX), sound(&big(&words))])), &words);
    for claim in [5_000, 0x7FFF_FFFF, u32::MAX.into()] {
        let lying = aiff(b"AIFF", &[comm(2, 1_000), sound(&big(&words)).claiming(claim)]);
        assert!(matches!(desk.read(&lying), Err(AudioError::Truncated { .. })), "{claim}");
    }
    let mut offset = sound(&big(&words));
    offset.bytes[0] = 0xFF;
    assert!(desk.read(&aiff(b"AIFF", &[comm(2, 1_000), offset])).is_err());
    assert!(matches!(desk.read(&aiff(b"AIFF", &[comm(9, 1), sound(&[])])), Err(AudioError::TooManyChannels { .. })));
}

#[test]
fn sixty_four_bit_lengths_are_read_where_they_are_meant() {
    let (desk, words) = (Desk::new(), words_16(700, 2));
    let (fmt, data) = (format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words)));
    let ds64 = |data_bytes: u64| {
        let sizes = [3_000_u64, data_bytes, 700];
        chunk(b"ds64", [sizes.map(u64::to_le_bytes).concat(), vec![0; 4]].concat())
    };
    let open = u64::from(u32::MAX);
    for magic in [b"RF64", b"BW64"] {
        let file = |ds64: Chunk, claims: u64| riff(magic, &[ds64, fmt.clone(), data.clone().claiming(claims), list(4)]);
        same(desk.read(&file(ds64(2_800), open)), &words);
        same(desk.read(&file(ds64(1_400), open)), &words[..700]);
        same(desk.read(&file(ds64(9), 2_800)), &words);
        for more in [2_900, 5 << 30, 1 << 60] {
            assert!(matches!(desk.read(&file(ds64(more), open)), Err(AudioError::Truncated { .. })), "{more}");
        }
        assert_eq!(desk.read(&file(ds64(u64::MAX), open)).unwrap().warnings, ["length_unknown"]);
        let without = riff(magic, &[fmt.clone(), data.clone().claiming(open)]);
        assert_eq!(desk.read(&without).unwrap().warnings, ["length_unknown"]);
    }
}

/// A file of 5 GiB that takes no room on the disk: its length is told to the frame, and its first frames are read.
#[test]
fn a_file_beyond_four_gib_has_its_length() {
    const DATA_BYTES: u64 = 5 << 30;
    let (desk, words) = (Desk::new(), words_16(1_000, 2));
    let sizes = [DATA_BYTES + 72, DATA_BYTES, DATA_BYTES / 4].map(u64::to_le_bytes).concat();
    let ds64 = chunk(b"ds64", [sizes, vec![0; 4]].concat());
    let data = || chunk(b"data", little(&words));
    let rf64 = riff(b"RF64", &[ds64, format(1, 2, RATE_HZ, 16), data().claiming(u32::MAX.into())]);
    let wide = wave64(&[format(1, 2, RATE_HZ, 16), data().claiming(DATA_BYTES)]);
    for head in [rf64, wide] {
        let path = desk.file("long.wav", &head);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        if file.set_len(head.len() as u64 - 4_000 + DATA_BYTES).is_err() {
            eprintln!("SKIPPED: this file system holds no file of 5 GiB");
            return;
        }
        let mut decoder = Decoder::open(&path).unwrap();
        assert_eq!(decoder.info().frames, Some(DATA_BYTES / 4));
        assert!(decoder.warnings().is_empty());
        let mut block = AudioBuffer::default();
        assert_eq!(decoder.read(&mut block, 1_500).unwrap(), 1_500);
        assert_eq!(block.channels[0][..1_000], samples_16(&words).iter().copied().step_by(2).collect::<Vec<_>>());
        assert!(block.channels[1][1_000..].iter().all(|sample| *sample == 0.0));
        // One byte less is a truncated file.
        file.set_len(head.len() as u64 - 4_001 + DATA_BYTES).unwrap();
        assert!(matches!(Decoder::open(&path), Err(AudioError::Truncated { .. })));
    }
}

#[test]
fn every_word_length_and_every_extensible_form_is_scaled_alike() {
    let desk = Desk::new();
    // The same three values, in words of 1 to 8 bytes.
    let values = [-0.5_f32, 0.25, 0.0];
    for bytes in 1..=8_u16 {
        let word = |value: f32| {
            let offset = if bytes == 1 { i64::MIN } else { 0 };
            let word = ((f64::from(value) * 2f64.powi(63)) as i64).wrapping_add(offset).to_le_bytes();
            word[8 - usize::from(bytes)..].to_vec()
        };
        let data = || chunk(b"data", values.iter().flat_map(|&value| word(value)).collect());
        for fmt in [format(1, 1, RATE_HZ, 8 * bytes), extensible(1, 1, RATE_HZ, 8 * bytes, 8 * bytes)] {
            for file in [riff(b"RIFF", &[fmt.clone(), data()]), wave64(&[fmt, data()])] {
                assert_eq!(desk.read(&file).unwrap().samples, values, "{bytes} bytes");
            }
        }
        // Fewer bits in use: they are the upper ones.
        if bytes > 1 {
            let fmt = extensible(1, 1, RATE_HZ, 8 * bytes, 8 * bytes - 4);
            assert_eq!(desk.read(&riff(b"RIFF", &[fmt, data()])).unwrap().samples, values, "{bytes} bytes, less 4 bits");
        }
    }
    let floats = |bytes: Vec<u8>, bits: u16| {
        let read = |fmt| desk.read(&riff(b"RIFF", &[fmt, chunk(b"data", bytes.clone())])).unwrap().samples;
        assert_eq!(read(format(3, 1, RATE_HZ, bits)), values);
        assert_eq!(read(extensible(3, 1, RATE_HZ, bits, bits)), values);
    };
    floats(values.iter().flat_map(|value| value.to_le_bytes()).collect(), 32);
    floats(values.iter().flat_map(|&value| f64::from(value).to_le_bytes()).collect(), 64);
    // A float of two bytes, a codec nobody knows, an extensible form cut short.
    for fmt in [format(3, 1, RATE_HZ, 16), format(0x1234, 1, RATE_HZ, 16), extensible(0x4444, 1, RATE_HZ, 16, 16)] {
        let refused = desk.read(&riff(b"RIFF", &[fmt, chunk(b"data", vec![0; 64])])).unwrap_err();
        assert!(matches!(refused, AudioError::Unsupported { .. } | AudioError::Corrupt { .. }), "{refused}");
    }
    let short = chunk(b"fmt ", extensible(1, 1, RATE_HZ, 16, 16).bytes[..30].to_vec());
    corrupt(desk.read(&riff(b"RIFF", &[short, chunk(b"data", vec![0; 64])])), "extensible");
}

/// However long the silence that they begin with, and however few bits of them are in use.
#[test]
fn words_of_24_bits_in_4_bytes_are_justified_as_the_first_of_them_that_tells() {
    let desk = Desk::new();
    let fmt = chunk(b"fmt ", format_bytes(1, 1, RATE_HZ, 4, 24));
    for numbers in [[0x12_3456, -0x12_3456, 0x31], [0x12_3400, -0x12_3400, 0x3100]] {
        // As many zeros as are looked at once are 4,096.
        for silence in [0, 1, 4_096, 10_000] {
            let numbers = [vec![0; silence], numbers.to_vec()].concat();
            let expected: Vec<f32> = numbers.iter().map(|&number: &i32| number as f32 / 8_388_608.0).collect();
            for shift in [0, 8] {
                let data = numbers.iter().flat_map(|number| (number << shift).to_le_bytes()).collect();
                let read = desk.read(&riff(b"RIFF", &[fmt.clone(), chunk(b"data", data)])).unwrap();
                assert!(read.samples == expected, "{silence} zeros, moved by {shift}: ends with {:?}", &read.samples[silence..]);
            }
        }
    }
}

/// Words that are soft throughout say nothing themselves: an extensible header has them on the left, as its standard asks.
#[test]
fn soft_words_of_24_bits_in_4_bytes_sit_where_an_extensible_header_has_them() {
    let desk = Desk::new();
    let numbers = [0_i32, 0x1234, -0x1234, 0x31, -1];
    let data = chunk(b"data", numbers.iter().flat_map(|number| (number << 8).to_le_bytes()).collect());
    let read = desk.read(&riff(b"RIFF", &[extensible(1, 1, RATE_HZ, 32, 24), data])).unwrap();
    let expected: Vec<f32> = numbers.iter().map(|&number| number as f32 / 8_388_608.0).collect();
    assert!(read.samples == expected, "{:?}", read.samples);
}

#[test]
fn no_frame_is_empty_and_one_frame_is_one() {
    let desk = Desk::new();
    for frames in [0, 1] {
        let words = words_16(frames, 2);
        let files = [
            riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]),
            wave64(&[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]),
            aiff(b"AIFF", &[common(2, frames as u32, 16, RATE_HZ), sound(&big(&words))]),
        ];
        for file in files {
            match frames {
                0 => assert!(matches!(desk.read(&file), Err(AudioError::Empty { .. }))),
                _ => same(desk.read(&file), &words),
            }
        }
    }
}

#[test]
fn samples_that_are_no_numbers_are_refused_in_every_form() {
    let desk = Desk::new();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        let doubles = chunk(b"data", [0.5, bad, 0.25].iter().flat_map(|value| value.to_le_bytes()).collect());
        for file in
            [riff(b"RIFF", &[format(3, 1, RATE_HZ, 64), doubles.clone()]), wave64(&[format(3, 1, RATE_HZ, 64), doubles.clone()])]
        {
            assert!(matches!(desk.read(&file), Err(AudioError::NotFinite { channel: 1, .. })), "{bad}");
        }
    }
    let tiny = chunk(b"data", [f32::MIN_POSITIVE / 2.0, -1e-45, 1e38].iter().flat_map(|value| value.to_le_bytes()).collect());
    let read = desk.read(&riff(b"RIFF", &[format(3, 1, RATE_HZ, 32), tiny])).unwrap();
    assert_eq!(read.samples, [f32::MIN_POSITIVE / 2.0, -1e-45, 1e38]);
}

#[test]
fn twenty_thousand_chunks_are_walked_in_no_time() {
    let (desk, words) = (Desk::new(), words_16(100, 2));
    let many = |length: usize| vec![chunk(b"note", vec![b'n'; length]); 20_000];
    for length in [0, 1, 16] {
        let file = [many(length), vec![format(1, 2, RATE_HZ, 16)], many(length), vec![chunk(b"data", little(&words))]].concat();
        same(desk.read(&riff(b"RIFF", &file)), &words);
        same(desk.read(&wave64(&file)), &words);
        let file = [many(length), vec![common(2, 100, 16, RATE_HZ), sound(&big(&words))], many(length)].concat();
        same(desk.read(&aiff(b"AIFF", &file)), &words);
    }
    // Blocks of padding in FLAC, boxes in MP4, comments in Ogg cannot be walked otherwise than by their readers.
    let flac = std::fs::read(codec("../cornercases/claxon/pop.flac")).unwrap();
    let mut blocks = flac[..4 + 38].to_vec();
    blocks[4] &= 0x7F;
    blocks.extend([1, 0, 0, 3, 9, 9, 9].repeat(20_000));
    blocks.extend([0x81, 0, 0, 0]);
    let rest = &flac[4 + 38..];
    assert_eq!(flac[4] & 0x80, 0x80, "the file has one block alone");
    blocks.extend(rest);
    assert_eq!(desk.read(&blocks).unwrap().samples, desk.read(&flac).unwrap().samples);
    let m4a = std::fs::read(codec("lossless-16.m4a")).unwrap();
    let first = u32::from_be_bytes([m4a[0], m4a[1], m4a[2], m4a[3]]) as usize;
    // Behind the samples: their places in the file are absolute.
    let boxes = [m4a.as_slice(), &b"\x00\x00\x00\x09free!".repeat(20_000)].concat();
    assert!(first > 8 && desk.read(&boxes).unwrap().samples == desk.read(&m4a).unwrap().samples);
}
