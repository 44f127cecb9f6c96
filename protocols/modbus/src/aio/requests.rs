//! What tasks ask of a device.

use core::time::Duration;

use ptk_core::aio::time::{now, timeout_at};
use ptk_core::time::{Instant, saturating_nanos};

use super::calls::{CallError, Ticket};
use super::client::Client;
use crate::client::{Failure, RequestError};
use crate::codec::limits::MAX_PDU;
use crate::codec::{Bits, Registers, Request, Response};
use crate::poller::Area;
use crate::value::{Number, WordOrder};

impl<const IN_FLIGHT: usize> Client<IN_FLIGHT> {
    /// Asks `unit` for something and waits for the answer, which comes into `reply`.
    ///
    /// # Errors
    ///
    /// [`CallError`]; an exception is [`CallError::Exception`].
    pub async fn request<'b>(
        &self,
        unit: u8,
        request: &Request<'_>,
        reply: &'b mut [u8; MAX_PDU],
    ) -> Result<Response<'b>, CallError> {
        let timeout = self.machine.borrow().config().request_timeout;
        self.request_within(unit, request, reply, Duration::from_nanos(timeout))
            .await
    }

    /// As [`request`](Client::request), with a time of its own.
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn request_within<'b>(
        &self,
        unit: u8,
        request: &Request<'_>,
        reply: &'b mut [u8; MAX_PDU],
        timeout: Duration,
    ) -> Result<Response<'b>, CallError> {
        // Told at once, also while there is no connection.
        request.encode(reply).map_err(CallError::Invalid)?;
        let deadline = now().saturating_add(timeout);
        let ticket = self.begin(unit, request, deadline).await?;
        self.work.notify_one();
        let ended = ticket.end(reply).await;
        drop(ticket);
        self.room.notify_waiters();
        let length = ended.map_err(CallError::Failed)?;
        let decoded = Response::decode(&reply[..length]);
        match decoded.map_err(|error| CallError::Failed(Failure::Malformed(error)))? {
            Response::Exception { code, .. } => Err(CallError::Exception(code)),
            response => Ok(response),
        }
    }

    /// Sends a write to every unit behind a gateway (unit 0), which nobody answers. Returns once it is handed to the connection.
    ///
    /// # Errors
    ///
    /// [`CallError::Invalid`] for a request that writes nothing, too; [`CallError::NotConnected`], [`CallError::Busy`].
    pub async fn broadcast(&self, request: &Request<'_>) -> Result<(), CallError> {
        let deadline = self.default_deadline();
        self.when_ready(deadline, || {
            let mut machine = self.machine.borrow_mut();
            machine.broadcast(now().as_nanos(), request)
        })
        .await?;
        self.work.notify_one();
        Ok(())
    }

    fn default_deadline(&self) -> Instant {
        let timeout = self.machine.borrow().config().request_timeout;
        now().saturating_add(Duration::from_nanos(timeout))
    }

    /// Waits for a connection and a place, and sends.
    async fn begin(
        &self,
        unit: u8,
        request: &Request<'_>,
        deadline: Instant,
    ) -> Result<Ticket<'_, IN_FLIGHT>, CallError> {
        self.when_ready(deadline, || {
            let now = now();
            let free = self.calls.free();
            let (place, token) = free.ok_or(RequestError::TooManyInFlight)?;
            let left = saturating_nanos(deadline.saturating_duration_since(now));
            self.machine
                .borrow_mut()
                .request_within(now.as_nanos(), unit, request, token, left)?;
            Ok(self.calls.begin(place))
        })
        .await
    }

    /// Tries until it works, whenever it may work.
    async fn when_ready<T>(
        &self,
        deadline: Instant,
        mut attempt: impl FnMut() -> Result<T, RequestError>,
    ) -> Result<T, CallError> {
        loop {
            // Waiting begins before looking, so that nothing falls between.
            let room = self.room.notified();
            let why = match attempt() {
                Ok(value) => return Ok(value),
                Err(why) => why,
            };
            let until = match why {
                RequestError::Invalid(error) => return Err(CallError::Invalid(error)),
                RequestError::TooSoon { until } => Instant::from_nanos(until).min(deadline),
                _ => deadline,
            };
            let waited = timeout_at(until, room).await;
            if waited.is_err() && deadline.is_due(now()) {
                return Err(match why {
                    RequestError::NotConnected => CallError::NotConnected(self.last_end()),
                    _ => CallError::Busy,
                });
            }
        }
    }

    /// Reads coils (function 1), as many as `values` has.
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn read_coils(
        &self,
        unit: u8,
        address: u16,
        values: &mut [bool],
    ) -> Result<(), CallError> {
        self.read_bits(unit, Area::Coils, address, values).await
    }

    /// Reads discrete inputs (function 2), as many as `values` has.
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn read_discrete_inputs(
        &self,
        unit: u8,
        address: u16,
        values: &mut [bool],
    ) -> Result<(), CallError> {
        self.read_bits(unit, Area::DiscreteInputs, address, values)
            .await
    }

    /// Reads holding registers (function 3), as many as `values` has.
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn read_holding_registers(
        &self,
        unit: u8,
        address: u16,
        values: &mut [u16],
    ) -> Result<(), CallError> {
        self.read_registers(unit, Area::HoldingRegisters, address, values)
            .await
    }

    /// Reads input registers (function 4), as many as `values` has.
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn read_input_registers(
        &self,
        unit: u8,
        address: u16,
        values: &mut [u16],
    ) -> Result<(), CallError> {
        self.read_registers(unit, Area::InputRegisters, address, values)
            .await
    }

    /// Reads a number that lies over registers of `area`.
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request); [`Failure::Mismatch`] for an area of bits.
    pub async fn read_number<N: Number>(
        &self,
        unit: u8,
        area: Area,
        address: u16,
        order: WordOrder,
    ) -> Result<N, CallError> {
        let mut reply = [0; MAX_PDU];
        let request = area.read(address, N::REGISTERS as u16);
        let registers = match self.request(unit, &request, &mut reply).await? {
            Response::ReadHoldingRegisters(values) | Response::ReadInputRegisters(values) => values,
            _ => return Err(MISMATCH),
        };
        order.read(registers, 0).ok_or(MISMATCH)
    }

    /// Writes a number over holding registers (function 16).
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn write_number<N: Number>(
        &self,
        unit: u8,
        address: u16,
        order: WordOrder,
        value: N,
    ) -> Result<(), CallError> {
        let mut words = [0; 4];
        let count = order.write(value, &mut words).ok_or(MISMATCH)?;
        self.write_registers(unit, address, &words[..count]).await
    }

    /// Writes a coil (function 5).
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn write_coil(&self, unit: u8, address: u16, value: bool) -> Result<(), CallError> {
        self.write(unit, &Request::WriteSingleCoil { address, value })
            .await
    }

    /// Writes a holding register (function 6).
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn write_register(
        &self,
        unit: u8,
        address: u16,
        value: u16,
    ) -> Result<(), CallError> {
        self.write(unit, &Request::WriteSingleRegister { address, value })
            .await
    }

    /// Writes coils (function 15).
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn write_coils(
        &self,
        unit: u8,
        address: u16,
        values: &[bool],
    ) -> Result<(), CallError> {
        let values = Bits::from_bools(values);
        self.write(unit, &Request::WriteMultipleCoils { address, values })
            .await
    }

    /// Writes holding registers (function 16).
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn write_registers(
        &self,
        unit: u8,
        address: u16,
        values: &[u16],
    ) -> Result<(), CallError> {
        let values = Registers::from_words(values);
        self.write(unit, &Request::WriteMultipleRegisters { address, values })
            .await
    }

    /// Changes bits of a holding register (function 22): it becomes `(value & and_mask) | (or_mask & !and_mask)`.
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn mask_write_register(
        &self,
        unit: u8,
        address: u16,
        and_mask: u16,
        or_mask: u16,
    ) -> Result<(), CallError> {
        let request = Request::MaskWriteRegister {
            address,
            and_mask,
            or_mask,
        };
        self.write(unit, &request).await
    }

    /// Writes holding registers from `write_address` on and then reads others from `read_address` on, in one request (function 23).
    ///
    /// # Errors
    ///
    /// As [`request`](Client::request).
    pub async fn read_write_registers(
        &self,
        unit: u8,
        write_address: u16,
        written: &[u16],
        read_address: u16,
        read: &mut [u16],
    ) -> Result<(), CallError> {
        let request = Request::ReadWriteMultipleRegisters {
            read_address,
            read_quantity: quantity(read.len()),
            write_address,
            values: Registers::from_words(written),
        };
        let mut reply = [0; MAX_PDU];
        match self.request(unit, &request, &mut reply).await? {
            Response::ReadWriteMultipleRegisters(values) => take_registers(values, read),
            _ => Err(MISMATCH),
        }
    }

    async fn write(&self, unit: u8, request: &Request<'_>) -> Result<(), CallError> {
        let mut reply = [0; MAX_PDU];
        self.request(unit, request, &mut reply).await.map(drop)
    }

    async fn read_bits(
        &self,
        unit: u8,
        area: Area,
        address: u16,
        out: &mut [bool],
    ) -> Result<(), CallError> {
        let mut reply = [0; MAX_PDU];
        let request = area.read(address, quantity(out.len()));
        let bits = match self.request(unit, &request, &mut reply).await? {
            Response::ReadCoils(bits) | Response::ReadDiscreteInputs(bits) => bits,
            _ => return Err(MISMATCH),
        };
        for (index, value) in out.iter_mut().enumerate() {
            *value = bits.get(index).ok_or(MISMATCH)?;
        }
        Ok(())
    }

    async fn read_registers(
        &self,
        unit: u8,
        area: Area,
        address: u16,
        out: &mut [u16],
    ) -> Result<(), CallError> {
        let mut reply = [0; MAX_PDU];
        let request = area.read(address, quantity(out.len()));
        match self.request(unit, &request, &mut reply).await? {
            Response::ReadHoldingRegisters(values) | Response::ReadInputRegisters(values) => {
                take_registers(values, out)
            }
            _ => Err(MISMATCH),
        }
    }
}

/// What the machine lets nobody see, since it compares replies with their requests.
const MISMATCH: CallError = CallError::Failed(Failure::Mismatch);

/// A quantity that is refused where it is too large for a request.
fn quantity(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

fn take_registers(values: Registers<'_>, out: &mut [u16]) -> Result<(), CallError> {
    if values.copy_to(out) == out.len() {
        Ok(())
    } else {
        Err(MISMATCH)
    }
}
