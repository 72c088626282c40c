//! Small media files, built byte by byte where no encoder is at hand.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};

/// A picture with structure: waves that depend on `seed`.
pub(crate) fn waves(seed: u32, side: u32) -> RgbImage {
    let wave = |x: f32, y: f32, k: u32| {
        let (a, b) = (((seed * 7 + k * 3) % 11) as f32 - 5.0, ((seed * 5 + k * 13) % 9) as f32 - 4.0);
        ((a * x + b * y) * 3.0 + (seed * (k + 1)) as f32).sin()
    };
    RgbImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 / side as f32, y as f32 / side as f32);
        let value =
            |k: u32| (128.0 + 40.0 * (wave(x, y, k) + wave(y, x, k + 1) + wave(x, x * y, k + 2))) as u8;
        Rgb([value(0), value(0), value(1)])
    })
}

/// A plain picture of one colour.
pub(crate) fn plain(side: u32, grey: u8) -> GrayImage {
    GrayImage::from_pixel(side, side, Luma([grey]))
}

pub(crate) fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn jpeg(image: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(image).unwrap();
    bytes
}

/// An EXIF block of a camera, turned, with a date and a position.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0".to_vec();
    let tag = |id: u16, kind: u16, count: u32, value: u32| {
        let mut tag = id.to_le_bytes().to_vec();
        tag.extend(kind.to_le_bytes());
        tag.extend(count.to_le_bytes());
        tag.extend(value.to_le_bytes());
        tag
    };
    // Five tags end at 8 + 2 + 60 + 4 = 74; the directories and texts behind them have fixed places.
    block.extend(5_u16.to_le_bytes());
    block.extend(tag(0x010f, 2, 6, 200));
    block.extend(tag(0x0110, 2, 13, 210));
    block.extend(tag(0x0112, 3, 1, u32::from(orientation)));
    block.extend(tag(0x8769, 4, 1, 80));
    block.extend(tag(0x8825, 4, 1, 110));
    block.resize(80, 0);
    block.extend(1_u16.to_le_bytes());
    block.extend(tag(0x9003, 2, 20, 230));
    block.resize(110, 0);
    block.extend(2_u16.to_le_bytes());
    block.extend(tag(2, 5, 3, 260));
    block.extend(tag(4, 5, 3, 260));
    block.resize(200, 0);
    block.extend(b"Canon\0");
    block.resize(210, 0);
    block.extend(b"Canon EOS 5D\0");
    block.resize(230, 0);
    block.extend(b"2014:03:01 12:30:00\0");
    block.resize(290, 1);
    block
}

/// A JPEG with an EXIF block behind its first marker.
pub(crate) fn jpeg_with_exif(image: &RgbImage, exif: &[u8]) -> Vec<u8> {
    let plain = jpeg(image, 80);
    let mut bytes = plain[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(exif.len() + 8).unwrap().to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(exif);
    bytes.extend(&plain[2..]);
    bytes
}

/// A DICOM file with explicit value representations and a sequence of unknown length.
pub(crate) fn dicom(rows: u16, columns: u16) -> Vec<u8> {
    let element = |group: u16, id: u16, kind: &[u8; 2], value: &[u8]| {
        let mut bytes = group.to_le_bytes().to_vec();
        bytes.extend(id.to_le_bytes());
        bytes.extend(kind);
        if matches!(kind, b"OW" | b"SQ") {
            bytes.extend([0, 0]);
            bytes.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        } else {
            bytes.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
        }
        bytes.extend(value);
        bytes
    };
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    bytes.extend(element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0"));
    bytes.extend(element(8, 0x60, b"CS", b"MR"));
    // A sequence of unknown length with an item of unknown length.
    bytes.extend(b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff");
    bytes.extend(element(8, 0x50, b"SH", b"ab"));
    bytes.extend(b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0");
    bytes.extend(element(0x28, 2, b"US", &1_u16.to_le_bytes()));
    bytes.extend(element(0x28, 4, b"CS", b"MONOCHROME2 "));
    bytes.extend(element(0x28, 0x10, b"US", &rows.to_le_bytes()));
    bytes.extend(element(0x28, 0x11, b"US", &columns.to_le_bytes()));
    bytes.extend(element(0x28, 0x100, b"US", &16_u16.to_le_bytes()));
    bytes.extend(element(0x7fe0, 0x10, b"OW", &vec![0; usize::from(rows) * usize::from(columns) * 2]));
    bytes
}

/// The boxes of a JPEG 2000 file up to its header.
pub(crate) fn jp2(width: u32, height: u32) -> Vec<u8> {
    let mut header = words(&[height, width]);
    header.extend([0, 3, 7, 7, 0, 0]);
    let signature = boxed(b"jP  ", &[b"\x0d\x0a\x87\x0a".to_vec()]);
    let brand = boxed(b"ftyp", &[b"jp2 \0\0\0\0jp2 ".to_vec()]);
    [signature, brand, boxed(b"jp2h", &[boxed(b"ihdr", &[header])])].concat()
}

/// A chunk of RIFF with its length.
pub(crate) fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = name.to_vec();
    bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
    bytes.extend(content);
    if content.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

fn riff(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut content = kind.to_vec();
    content.extend(chunks.concat());
    chunk(b"RIFF", &content)
}

fn wav_format(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let block = channels * bits.div_ceil(8);
    let mut format = tag.to_le_bytes().to_vec();
    format.extend(channels.to_le_bytes());
    format.extend(rate.to_le_bytes());
    format.extend((rate * u32::from(block)).to_le_bytes());
    format.extend(block.to_le_bytes());
    format.extend(bits.to_le_bytes());
    format
}

/// Uncompressed sound of so many samples.
pub(crate) fn wav(channels: u16, rate: u32, bits: u16, samples: usize) -> Vec<u8> {
    let data = vec![1; samples * usize::from(channels * bits.div_ceil(8))];
    let list = chunk(b"LIST", b"INFOabc");
    riff(b"WAVE", &[list, chunk(b"fmt ", &wav_format(1, channels, rate, bits)), chunk(b"data", &data)])
}

/// The extensible variety with floating-point samples.
pub(crate) fn wav_extensible(samples: usize) -> Vec<u8> {
    let mut format = wav_format(0xfffe, 1, 16_000, 32);
    format.extend([22, 0, 32, 0, 4, 0, 0, 0, 3, 0]);
    format.extend(b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
    riff(b"WAVE", &[chunk(b"fmt ", &format), chunk(b"data", &vec![1; samples * 4])])
}

/// MPEG-1 layer III frames of 128 kbit/s at 44.1 kHz: 417 bytes of 1,152 samples each.
pub(crate) fn mp3(frames: usize) -> Vec<u8> {
    let mut frame = vec![0xff, 0xfb, 0x90, 0x00];
    frame.resize(417, 0);
    let mut bytes = b"ID3\x04\0\0\0\0\0\x05tags!".to_vec();
    bytes.extend(frame.repeat(frames));
    bytes
}

/// Two pages of Ogg with Vorbis or Opus.
pub(crate) fn ogg(head: &[u8], samples: u64) -> Vec<u8> {
    let page = |flags: u8, position: u64, content: &[u8]| {
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend(position.to_le_bytes());
        page.extend([7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        page.push(u8::try_from(content.len()).unwrap());
        page.extend(content);
        page
    };
    [page(2, 0, head), page(4, samples, &[9; 100])].concat()
}

pub(crate) fn vorbis_head() -> Vec<u8> {
    let mut head = b"\x01vorbis\0\0\0\0\x02".to_vec();
    head.extend(44_100_u32.to_le_bytes());
    head.extend([0; 14]);
    head
}

pub(crate) fn flac(rate: u64, channels: u64, bits: u64, samples: u64) -> Vec<u8> {
    let mut flac = b"fLaC\0\0\0\x22\x10\0\x10\0\0\0\0\0\0\0".to_vec();
    let packed = rate << 44 | (channels - 1) << 41 | (bits - 1) << 36 | samples;
    flac.extend(packed.to_be_bytes());
    flac.extend([0; 16]);
    flac
}

pub(crate) fn aiff(samples: u32) -> Vec<u8> {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let mut bytes = name.to_vec();
        bytes.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        bytes.extend(content);
        bytes
    };
    let mut common = vec![0, 1];
    common.extend(samples.to_be_bytes());
    common.extend([0, 16]);
    // 8,000 as a number of 80 bits.
    common.extend([0x40, 0x0b, 0xfa, 0, 0, 0, 0, 0, 0, 0]);
    let mut content = b"AIFF".to_vec();
    content.extend(chunk(b"COMM", &common));
    content.extend(chunk(b"SSND", &vec![0; 8 + samples as usize * 2]));
    chunk(b"FORM", &content)
}

/// A box of MP4.
pub(crate) fn boxed(name: &[u8; 4], content: &[Vec<u8>]) -> Vec<u8> {
    let content = content.concat();
    let mut bytes = u32::try_from(content.len() + 8).unwrap().to_be_bytes().to_vec();
    bytes.extend(name);
    bytes.extend(content);
    bytes
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// A track of `samples` samples that last `delta` of `timescale` each.
fn track(id: u32, handler: &[u8; 4], timescale: u32, samples: u32, delta: u32, entry: Vec<u8>) -> Vec<u8> {
    let mut shown = words(&[0, 0, 0, id]);
    shown.resize(76, 0);
    shown.extend(words(&[64 << 16, 48 << 16]));
    let table = boxed(
        b"stbl",
        &[boxed(b"stsd", &[words(&[0, 1]), entry]), boxed(b"stts", &[words(&[0, 1, samples, delta])])],
    );
    let mut handled = words(&[0, 0]);
    handled.extend(handler);
    handled.extend([0; 13]);
    let media = boxed(
        b"mdia",
        &[
            boxed(b"mdhd", &[words(&[0, 0, 0, timescale, samples * delta, 0])]),
            boxed(b"hdlr", &[handled]),
            boxed(b"minf", &[table]),
        ],
    );
    boxed(b"trak", &[boxed(b"tkhd", &[shown]), media])
}

fn picture_entry(codec: &[u8; 4]) -> Vec<u8> {
    let mut content = vec![0; 24];
    content.extend([0, 64, 0, 48]);
    content.resize(78, 0);
    boxed(codec, &[content])
}

fn sound_entry(codec: &[u8; 4]) -> Vec<u8> {
    let mut content = vec![0; 16];
    content.extend([0, 2, 0, 16, 0, 0, 0, 0]);
    content.extend((22_050_u32 << 16).to_be_bytes());
    boxed(codec, &[content])
}

/// Two seconds at 25 pictures a second, with sound or without; the description stands at the end.
pub(crate) fn mp4(with_audio: bool) -> Vec<u8> {
    let mut tracks = vec![track(1, b"vide", 12_800, 50, 512, picture_entry(b"avc1"))];
    if with_audio {
        tracks.push(track(2, b"soun", 22_050, 43, 1024, sound_entry(b"mp4a")));
    }
    let mut inside = vec![boxed(b"mvhd", &[words(&[0, 0, 0, 1000, 2000]), vec![0; 80]])];
    inside.extend(tracks);
    let brand = boxed(b"ftyp", &[b"isom\0\0\0\0".to_vec()]);
    [brand, boxed(b"mdat", &[vec![0; 5_000]]), boxed(b"moov", &inside)].concat()
}

/// Sound alone.
pub(crate) fn m4a() -> Vec<u8> {
    let sound = track(1, b"soun", 22_050, 43, 1024, sound_entry(b"mp4a"));
    let brand = boxed(b"ftyp", &[b"M4A \0\0\0\0".to_vec()]);
    [brand, boxed(b"moov", &[sound]), boxed(b"mdat", &[vec![0; 500]])].concat()
}

/// A fragmented film: no samples in the description, 30 and 20 in two fragments.
pub(crate) fn fragmented_mp4() -> Vec<u8> {
    let film = track(1, b"vide", 1_000, 0, 0, picture_entry(b"hvc1"));
    let defaults = boxed(b"mvex", &[boxed(b"trex", &[words(&[0, 1, 1, 40, 0, 0])])]);
    let described = boxed(b"trun", &[words(&[0x100, 20]), words(&[40; 20])]);
    let fragment =
        |run: Vec<u8>| boxed(b"moof", &[boxed(b"traf", &[boxed(b"tfhd", &[words(&[0, 1])]), run])]);
    [
        boxed(b"ftyp", &[b"iso5\0\0\0\0".to_vec()]),
        boxed(b"moov", &[film, defaults]),
        fragment(boxed(b"trun", &[words(&[0, 30])])),
        boxed(b"mdat", &[vec![0; 100]]),
        fragment(described),
        boxed(b"mdat", &[vec![0; 100]]),
    ]
    .concat()
}

/// An element of Matroska; its length takes eight bytes.
pub(crate) fn element(id: &[u8], content: &[Vec<u8>]) -> Vec<u8> {
    let content = content.concat();
    let mut bytes = id.to_vec();
    bytes.push(1);
    bytes.extend(&(content.len() as u64).to_be_bytes()[1..]);
    bytes.extend(content);
    bytes
}

/// A film of 25 pictures a second; without a stated duration the blocks have to tell.
pub(crate) fn mkv(kind: &str, stated: bool) -> Vec<u8> {
    let mut info = vec![element(b"\x2a\xd7\xb1", &[words(&[1_000_000])])];
    let mut film = vec![
        element(b"\xd7", &[vec![1]]),
        element(b"\x83", &[vec![1]]),
        element(b"\x86", &[b"V_VP9".to_vec()]),
        element(b"\xe0", &[element(b"\xb0", &[vec![64]]), element(b"\xba", &[vec![48]])]),
    ];
    if stated {
        info.push(element(b"\x44\x89", &[2_000_f32.to_be_bytes().to_vec()]));
        film.push(element(b"\x23\xe3\x83", &[words(&[40_000_000])]));
    }
    let block = |time: u16| {
        let mut block = vec![0x81];
        block.extend(time.to_be_bytes());
        block.extend([0; 30]);
        element(b"\xa3", &[block])
    };
    let mut cluster = vec![element(b"\xe7", &[vec![0]])];
    cluster.extend((0..50).map(|i| block(i * 40)));
    let segment = [
        element(b"\x15\x49\xa9\x66", &info),
        element(b"\x16\x54\xae\x6b", &[element(b"\xae", &film)]),
        element(b"\x1f\x43\xb6\x75", &cluster),
    ]
    .concat();
    let head = element(b"\x1a\x45\xdf\xa3", &[element(b"\x42\x82", &[kind.as_bytes().to_vec()])]);
    [head, b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".to_vec(), segment].concat()
}

/// A film of 10 pictures a second with sound.
pub(crate) fn avi() -> Vec<u8> {
    let list = |name: &[u8; 4], content: &[Vec<u8>]| {
        let mut bytes = name.to_vec();
        bytes.extend(content.concat());
        chunk(b"LIST", &bytes)
    };
    let head = |kind: &[u8; 4], scale: u32, rate: u32, length: u32| {
        let mut bytes = kind.to_vec();
        bytes.extend(b"MJPG");
        for value in [0, 0, 0, scale, rate, 0, length, 0, 0, 0] {
            bytes.extend(u32::to_le_bytes(value));
        }
        chunk(b"strh", &bytes)
    };
    let mut picture = 40_u32.to_le_bytes().to_vec();
    picture.extend(64_i32.to_le_bytes());
    picture.extend((-48_i32).to_le_bytes());
    picture.extend([1, 0, 24, 0]);
    picture.extend(b"MJPG");
    picture.extend([0; 20]);
    let film = list(b"strl", &[head(b"vids", 1, 10, 35), chunk(b"strf", &picture)]);
    let sound = list(b"strl", &[head(b"auds", 1, 8000, 28_000), chunk(b"strf", &wav_format(1, 1, 8000, 16))]);
    let header = list(b"hdrl", &[chunk(b"avih", &[0; 56]), film, sound]);
    riff(b"AVI ", &[header, list(b"movi", &[vec![0; 64]])])
}
