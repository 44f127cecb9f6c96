//! What a device says about itself: function 43 with MEI type 14 (§6.21).

use crate::codec::{
    DeviceIdAccess, DeviceIdObjects, DeviceIdResponse, ExceptionCode, Response, limits::MAX_PDU,
};

/// Bytes of a reply before its first object.
const HEAD: usize = 7;

/// The longest text that fits into a reply of its own.
const MAX_TEXT: usize = MAX_PDU - HEAD - 2;

/// The identification objects of a device. The first three are mandatory; the rest is left out while it is empty.
///
/// ```
/// use ptk_modbus::server::DeviceIdentification;
///
/// let identification = DeviceIdentification {
///     product_name: "Feed pump",
///     ..DeviceIdentification::new("Example Works", "FP-7", "1.4")
/// };
/// assert_eq!(identification.object(4), Some(&b"Feed pump"[..]));
/// assert_eq!(identification.object(5), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceIdentification<'a> {
    /// Object 0x00.
    pub vendor_name: &'a str,
    /// Object 0x01.
    pub product_code: &'a str,
    /// Object 0x02, "major.minor".
    pub revision: &'a str,
    /// Object 0x03.
    pub vendor_url: &'a str,
    /// Object 0x04.
    pub product_name: &'a str,
    /// Object 0x05.
    pub model_name: &'a str,
    /// Object 0x06.
    pub user_application_name: &'a str,
    /// Objects 0x80 to 0xFF, in the order of their ids. What they mean is the vendor's.
    pub private: &'a [(u8, &'a [u8])],
}

impl<'a> DeviceIdentification<'a> {
    /// An identification with the three mandatory objects.
    pub const fn new(vendor_name: &'a str, product_code: &'a str, revision: &'a str) -> Self {
        Self {
            vendor_name,
            product_code,
            revision,
            vendor_url: "",
            product_name: "",
            model_name: "",
            user_application_name: "",
            private: &[],
        }
    }

    /// The object with this id, if there is one. What is longer than 244 bytes is cut there.
    pub fn object(&self, id: u8) -> Option<&'a [u8]> {
        let text = match id {
            0 => self.vendor_name.as_bytes(),
            1 => self.product_code.as_bytes(),
            2 => self.revision.as_bytes(),
            3..=6 => {
                let text = match id {
                    3 => self.vendor_url,
                    4 => self.product_name,
                    5 => self.model_name,
                    _ => self.user_application_name,
                };
                if text.is_empty() {
                    return None;
                }
                text.as_bytes()
            }
            _ => {
                self.private
                    .iter()
                    .find(|(own, _)| *own == id && id >= 0x80)?
                    .1
            }
        };
        Some(&text[..text.len().min(MAX_TEXT)])
    }

    /// 0x81 basic, 0x82 regular, 0x83 extended: streams, and single objects (§6.21).
    fn conformity(&self) -> u8 {
        if !self.private.is_empty() {
            0x83
        } else if (3..=6).any(|id| self.object(id).is_some()) {
            0x82
        } else {
            0x81
        }
    }

    /// Writes the reply to a request into `out` and returns its length.
    pub(super) fn reply(
        &self,
        access: DeviceIdAccess,
        object: u8,
        out: &mut [u8],
    ) -> Result<usize, ExceptionCode> {
        let last = match access {
            DeviceIdAccess::Basic => 0x02,
            DeviceIdAccess::Regular => 0x7F,
            DeviceIdAccess::Extended => 0xFF,
            DeviceIdAccess::Individual => object,
        };
        let first = match (access, self.object(object)) {
            (DeviceIdAccess::Individual, None) => return Err(ExceptionCode::IllegalDataAddress),
            (_, Some(_)) if object <= last => object,
            // An object that is not there starts the stream from the beginning (§6.21).
            _ => 0,
        };
        let mut objects: [(u8, &[u8]); MAX_PDU / 2] = [(0, &[]); MAX_PDU / 2];
        let mut count = 0;
        let mut length = HEAD;
        let mut next_object = None;
        for id in first..=last {
            let Some(text) = self.object(id) else {
                continue;
            };
            length += 2 + text.len();
            if length > MAX_PDU {
                next_object = Some(id);
                break;
            }
            objects[count] = (id, text);
            count += 1;
        }
        let response = DeviceIdResponse {
            access,
            conformity: self.conformity(),
            next_object,
            objects: DeviceIdObjects::new(&objects[..count]),
        };
        Response::ReadDeviceIdentification(response)
            .encode(out)
            .map_err(|error| error.exception())
    }
}
