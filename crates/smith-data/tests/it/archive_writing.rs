//! Archives as the tests need them: sound ones, and such as no tool would write.

use std::io::Write;

/// How a file is compressed as a whole.
pub(crate) fn compress(ending: &str, bytes: &[u8]) -> Vec<u8> {
    match ending {
        "gz" => crate::gzip(bytes),
        "zst" => zstd::encode_all(bytes, 1).unwrap(),
        "bz2" => {
            let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        "xz" => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        other => panic!("{other}"),
    }
}

/// A TAR of regular files.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        add_to_tar(&mut builder, name, tar::EntryType::Regular, content);
    }
    builder.into_inner().unwrap()
}

/// Adds a member under whatever name, which the crate would refuse.
pub(crate) fn add_to_tar(
    builder: &mut tar::Builder<Vec<u8>>,
    name: &str,
    kind: tar::EntryType,
    content: &[u8],
) {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    if kind.is_symlink() || kind.is_hard_link() {
        header.as_old_mut().linkname[..4].copy_from_slice(b"/etc");
    }
    header.set_cksum();
    builder.append(&header, content).unwrap();
}

/// A member of a ZIP as its headers state it.
#[derive(Clone)]
pub(crate) struct Entry {
    name: Vec<u8>,
    method: u16,
    flags: u16,
    packed: Vec<u8>,
    stated_bytes: u32,
    crc: u32,
    mode: u32,
}

impl Entry {
    pub(crate) fn deflated(name: &str, content: &[u8]) -> Self {
        let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(content).unwrap();
        Self::packed(name, 8, out.finish().unwrap(), content)
    }

    pub(crate) fn stored(name: &str, content: &[u8]) -> Self {
        Self::packed(name, 0, content.to_vec(), content)
    }

    pub(crate) fn packed(name: &str, method: u16, packed: Vec<u8>, content: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let (name, stated_bytes, crc) = (name.as_bytes().to_vec(), content.len() as u32, crc.sum());
        Self { name, method, flags: 0x800, packed, stated_bytes, crc, mode: 0o100_644 }
    }

    pub(crate) fn with_mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    pub(crate) fn encrypted(mut self) -> Self {
        self.flags |= 1;
        self
    }

    pub(crate) fn stating(mut self, bytes: u32) -> Self {
        self.stated_bytes = bytes;
        self
    }

    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for short in [20, self.flags, self.method, 0, 0x21] {
            out.extend(short.to_le_bytes());
        }
        for long in [self.crc, self.packed.len() as u32, self.stated_bytes] {
            out.extend(long.to_le_bytes());
        }
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend(0_u16.to_le_bytes());
        out
    }
}

/// A ZIP of these members, and where its directory begins.
pub(crate) fn zip_of(entries: &[Entry]) -> (Vec<u8>, usize) {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = out.len() as u32;
        out.extend(b"PK\x03\x04");
        out.extend(entry.fields());
        out.extend(&entry.name);
        out.extend(&entry.packed);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(entry.fields());
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(&entry.name);
    }
    let start = out.len();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([(entries.len() as u16).to_le_bytes(), (entries.len() as u16).to_le_bytes()].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend((start as u32).to_le_bytes());
    out.extend([0; 2]);
    (out, start)
}

/// A ZIP of files.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries: Vec<Entry> = files.iter().map(|(name, content)| Entry::deflated(name, content)).collect();
    zip_of(&entries).0
}

/// A Zstandard frame of so many blocks of 128 KiB of zeros each, four bytes a block.
pub(crate) fn zeros_as_zstd(blocks: usize) -> Vec<u8> {
    let mut out = b"\x28\xb5\x2f\xfd\x00\x38".to_vec();
    for block in 0..blocks {
        let header = (128_u32 << 10) << 3 | 1 << 1 | u32::from(block + 1 == blocks);
        out.extend(&header.to_le_bytes()[..3]);
        out.push(0);
    }
    out
}
