//! Read Device Identification, function 43 with MEI type 14 (§6.21).

use core::fmt;

use super::{Error, Writer, cursor::Reader, function};

/// How identification objects are asked for (§6.21, "Read Device ID code").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceIdAccess {
    /// 01: the objects 0x00 to 0x02, as a stream.
    Basic,
    /// 02: the objects 0x00 to 0x7F that exist, as a stream.
    Regular,
    /// 03: all objects that exist, as a stream.
    Extended,
    /// 04: the one object that is named.
    Individual,
}

impl TryFrom<u8> for DeviceIdAccess {
    type Error = Error;

    fn try_from(code: u8) -> Result<Self, Error> {
        Ok(match code {
            1 => Self::Basic,
            2 => Self::Regular,
            3 => Self::Extended,
            4 => Self::Individual,
            other => return Err(Error::DeviceIdAccess(other)),
        })
    }
}

impl From<DeviceIdAccess> for u8 {
    fn from(access: DeviceIdAccess) -> Self {
        match access {
            DeviceIdAccess::Basic => 1,
            DeviceIdAccess::Regular => 2,
            DeviceIdAccess::Extended => 3,
            DeviceIdAccess::Individual => 4,
        }
    }
}

/// A reply to Read Device Identification (§6.21).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceIdResponse<'a> {
    /// As in the request.
    pub access: DeviceIdAccess,
    /// What the device has: 1 to 3, plus 0x80 if it also allows individual access.
    pub conformity: u8,
    /// The object with which to ask on, if the objects did not fit into one reply.
    pub next_object: Option<u8>,
    /// The objects that this reply carries.
    pub objects: DeviceIdObjects<'a>,
}

impl<'a> DeviceIdResponse<'a> {
    /// Decodes what follows the MEI type.
    pub(crate) fn decode(mut reader: Reader<'a>) -> Result<Self, Error> {
        let access = DeviceIdAccess::try_from(reader.byte()?)?;
        let conformity = reader.byte()?;
        let more = reader.byte()?;
        let next = reader.byte()?;
        let count = reader.byte()?;
        let objects = DeviceIdObjects(Source::Wire(reader.rest()));
        for _ in 0..count {
            object(&mut reader)?;
        }
        reader.end(Self {
            access,
            conformity,
            next_object: (more != 0).then_some(next),
            objects,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.byte(function::ENCAPSULATED_INTERFACE)?;
        writer.byte(function::MEI_DEVICE_IDENTIFICATION)?;
        writer.byte(self.access.into())?;
        writer.byte(self.conformity)?;
        writer.byte(if self.next_object.is_some() { 0xFF } else { 0 })?;
        writer.byte(self.next_object.unwrap_or(0))?;
        let count = self.objects.iter().count();
        writer.byte(u8::try_from(count).map_err(|_| Error::Quantity(count as u32))?)?;
        for (id, value) in self.objects.iter() {
            writer.byte(id)?;
            let length = value.len();
            writer.byte(u8::try_from(length).map_err(|_| Error::ByteCount(length))?)?;
            writer.slice(value)?;
        }
        Ok(())
    }
}

/// Identification objects: pairs of an id and its text.
#[derive(Clone, Copy)]
pub struct DeviceIdObjects<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    Wire(&'a [u8]),
    Slice(&'a [(u8, &'a [u8])]),
}

fn object<'a>(reader: &mut Reader<'a>) -> Result<(u8, &'a [u8]), Error> {
    let id = reader.byte()?;
    let length = reader.byte()?.into();
    Ok((id, reader.take(length)?))
}

impl<'a> DeviceIdObjects<'a> {
    /// Objects in the caller's memory.
    pub const fn new(objects: &'a [(u8, &'a [u8])]) -> Self {
        Self(Source::Slice(objects))
    }

    /// The objects in order, each with its id.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &'a [u8])> + use<'a> {
        let (wire, slice) = match self.0 {
            Source::Wire(bytes) => (bytes, &[][..]),
            Source::Slice(objects) => (&[][..], objects),
        };
        let mut reader = Reader::new(wire);
        core::iter::from_fn(move || object(&mut reader).ok()).chain(slice.iter().copied())
    }
}

impl PartialEq for DeviceIdObjects<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for DeviceIdObjects<'_> {}

impl fmt::Debug for DeviceIdObjects<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
