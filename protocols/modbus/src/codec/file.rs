//! The sub-requests of Read File Record and Write File Record (§6.14, §6.15).

use core::fmt;

use super::{Error, Registers, Writer, cursor::Reader, limits};

/// The only reference type that the specification has.
const REFERENCE_TYPE: u8 = 6;

/// One record run to read: a sub-request of function 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileRead {
    /// The file, 1 to 65535.
    pub file: u16,
    /// The first record, 0 to 9999.
    pub record: u16,
    /// How many records (registers), at least 1.
    pub length: u16,
}

/// One record run to write: a sub-request of function 21.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileWrite<'a> {
    /// The file, 1 to 65535.
    pub file: u16,
    /// The first record, 0 to 9999.
    pub record: u16,
    /// What to write, at least one record.
    pub values: Registers<'a>,
}

fn check(file: u16, record: u16, length: usize) -> Result<(), Error> {
    if length == 0 {
        return Err(Error::Quantity(0));
    }
    let last = usize::from(record) + length - 1;
    if file == 0 || last > usize::from(limits::MAX_RECORD) {
        return Err(Error::FileRecord);
    }
    Ok(())
}

/// Reads file number, record number and length off the front, the reference type checked.
fn reference(reader: &mut Reader<'_>) -> Result<FileRead, Error> {
    let kind = reader.byte()?;
    let read = FileRead {
        file: reader.word()?,
        record: reader.word()?,
        length: reader.word()?,
    };
    if kind != REFERENCE_TYPE {
        return Err(Error::ReferenceType(kind));
    }
    check(read.file, read.record, read.length.into())?;
    Ok(read)
}

fn write_reference(
    writer: &mut Writer<'_>,
    file: u16,
    record: u16,
    length: usize,
) -> Result<(), Error> {
    check(file, record, length)?;
    writer.byte(REFERENCE_TYPE)?;
    writer.word(file)?;
    writer.word(record)?;
    writer.word(length as u16)
}

/// The sub-requests of a Read File Record request, every one of them valid.
///
/// ```
/// use ptk_modbus::codec::{FileRead, FileReads};
///
/// let wanted = [FileRead { file: 4, record: 1, length: 2 }];
/// assert!(FileReads::new(&wanted).iter().eq(wanted));
/// ```
#[derive(Clone, Copy)]
pub struct FileReads<'a>(ReadSource<'a>);

#[derive(Clone, Copy)]
enum ReadSource<'a> {
    Wire(&'a [u8]),
    Slice(&'a [FileRead]),
}

impl<'a> FileReads<'a> {
    /// Sub-requests in the caller's memory. Encoding checks them.
    pub const fn new(reads: &'a [FileRead]) -> Self {
        Self(ReadSource::Slice(reads))
    }

    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        let (low, high) = limits::FILE_READ_REQUEST_BYTES;
        if bytes.len() < low || bytes.len() > high || !bytes.len().is_multiple_of(7) {
            return Err(Error::ByteCount(bytes.len()));
        }
        let mut reader = Reader::new(bytes);
        let mut reply_bytes = 0;
        while !reader.rest().is_empty() {
            reply_bytes += 2 + 2 * usize::from(reference(&mut reader)?.length);
        }
        if reply_bytes > limits::FILE_READ_REPLY_BYTES.1 {
            return Err(Error::Quantity(reply_bytes as u32));
        }
        Ok(Self(ReadSource::Wire(bytes)))
    }

    pub(crate) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        let count = self.iter().count() * 7;
        let reply: usize = self
            .iter()
            .map(|read| 2 + 2 * usize::from(read.length))
            .sum();
        if count == 0 || count > limits::FILE_READ_REQUEST_BYTES.1 {
            return Err(Error::ByteCount(count));
        }
        if reply > limits::FILE_READ_REPLY_BYTES.1 {
            return Err(Error::Quantity(reply as u32));
        }
        writer.byte(count as u8)?;
        for read in self.iter() {
            write_reference(writer, read.file, read.record, read.length.into())?;
        }
        Ok(())
    }

    /// The sub-requests in order.
    pub fn iter(&self) -> impl Iterator<Item = FileRead> + use<'a> {
        let (wire, slice) = match self.0 {
            ReadSource::Wire(bytes) => (bytes, &[][..]),
            ReadSource::Slice(reads) => (&[][..], reads),
        };
        let mut reader = Reader::new(wire);
        core::iter::from_fn(move || reference(&mut reader).ok()).chain(slice.iter().copied())
    }
}

/// The sub-requests of a Write File Record request, or the same in its reply, every one of them valid.
#[derive(Clone, Copy)]
pub struct FileWrites<'a>(WriteSource<'a>);

#[derive(Clone, Copy)]
enum WriteSource<'a> {
    Wire(&'a [u8]),
    Slice(&'a [FileWrite<'a>]),
}

fn write_group<'a>(reader: &mut Reader<'a>) -> Result<FileWrite<'a>, Error> {
    let head = reference(reader)?;
    let values = Registers::from_even_bytes(reader.take(usize::from(head.length) * 2)?);
    Ok(FileWrite {
        file: head.file,
        record: head.record,
        values,
    })
}

impl<'a> FileWrites<'a> {
    /// Sub-requests in the caller's memory. Encoding checks them.
    pub const fn new(writes: &'a [FileWrite<'a>]) -> Self {
        Self(WriteSource::Slice(writes))
    }

    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        let (low, high) = limits::FILE_WRITE_BYTES;
        if bytes.len() < low || bytes.len() > high {
            return Err(Error::ByteCount(bytes.len()));
        }
        let mut reader = Reader::new(bytes);
        while !reader.rest().is_empty() {
            write_group(&mut reader)?;
        }
        Ok(Self(WriteSource::Wire(bytes)))
    }

    pub(crate) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        let count: usize = self.iter().map(|write| 7 + 2 * write.values.len()).sum();
        let (low, high) = limits::FILE_WRITE_BYTES;
        if count < low || count > high {
            return Err(Error::ByteCount(count));
        }
        writer.byte(count as u8)?;
        for write in self.iter() {
            write_reference(writer, write.file, write.record, write.values.len())?;
            write
                .values
                .write_to(writer.reserve(write.values.len() * 2)?);
        }
        Ok(())
    }

    /// The sub-requests in order.
    pub fn iter(&self) -> impl Iterator<Item = FileWrite<'a>> + use<'a> {
        let (wire, slice) = match self.0 {
            WriteSource::Wire(bytes) => (bytes, &[][..]),
            WriteSource::Slice(writes) => (&[][..], writes),
        };
        let mut reader = Reader::new(wire);
        core::iter::from_fn(move || write_group(&mut reader).ok()).chain(slice.iter().copied())
    }
}

/// What a Read File Record reply carries: one run of registers for each sub-request.
#[derive(Clone, Copy)]
pub struct FileRecords<'a>(RecordSource<'a>);

#[derive(Clone, Copy)]
enum RecordSource<'a> {
    Wire(&'a [u8]),
    Slice(&'a [Registers<'a>]),
}

fn record_group<'a>(reader: &mut Reader<'a>) -> Result<Registers<'a>, Error> {
    let length = usize::from(reader.byte()?);
    let kind = reader.byte()?;
    if kind != REFERENCE_TYPE {
        return Err(Error::ReferenceType(kind));
    }
    // The length counts the reference type, so it is odd; a record has at least one register.
    if length < 3 || length.is_multiple_of(2) {
        return Err(Error::ByteCount(length));
    }
    Ok(Registers::from_even_bytes(reader.take(length - 1)?))
}

impl<'a> FileRecords<'a> {
    /// Records in the caller's memory. Encoding checks them.
    pub const fn new(records: &'a [Registers<'a>]) -> Self {
        Self(RecordSource::Slice(records))
    }

    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        // The smallest reply has one group of one register: four bytes. §6.14 says 7, which its own example obeys but
        // no arithmetic asks for; devices in the field send the short form.
        if bytes.len() < 4 || bytes.len() > limits::FILE_READ_REPLY_BYTES.1 {
            return Err(Error::ByteCount(bytes.len()));
        }
        let mut reader = Reader::new(bytes);
        while !reader.rest().is_empty() {
            record_group(&mut reader)?;
        }
        Ok(Self(RecordSource::Wire(bytes)))
    }

    pub(crate) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        let count: usize = self.iter().map(|record| 2 + 2 * record.len()).sum();
        if count == 0 || count > limits::FILE_READ_REPLY_BYTES.1 {
            return Err(Error::ByteCount(count));
        }
        writer.byte(count as u8)?;
        for record in self.iter() {
            if record.is_empty() {
                return Err(Error::Quantity(0));
            }
            writer.byte(record.len() as u8 * 2 + 1)?;
            writer.byte(REFERENCE_TYPE)?;
            record.write_to(writer.reserve(record.len() * 2)?);
        }
        Ok(())
    }

    /// The records in the order in which they were asked for.
    pub fn iter(&self) -> impl Iterator<Item = Registers<'a>> + use<'a> {
        let (wire, slice) = match self.0 {
            RecordSource::Wire(bytes) => (bytes, &[][..]),
            RecordSource::Slice(records) => (&[][..], records),
        };
        let mut reader = Reader::new(wire);
        core::iter::from_fn(move || record_group(&mut reader).ok()).chain(slice.iter().copied())
    }
}

macro_rules! by_content {
    ($($name:ident),*) => { $(
        impl PartialEq for $name<'_> {
            fn eq(&self, other: &Self) -> bool {
                self.iter().eq(other.iter())
            }
        }

        impl Eq for $name<'_> {}

        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }
    )* };
}

by_content!(FileReads, FileWrites, FileRecords);
