//! From a run of request frames to a run of reply frames, written in place.

use super::{Config, Device, Units, respond::answer};
use crate::codec::{Error, Framing, Side, mbap, rtu};

/// What became of a run of requests.
#[derive(Clone, Copy)]
pub(super) struct Answered {
    /// Bytes of requests.
    pub taken: usize,
    /// Bytes of replies.
    pub written: usize,
    /// Requests, answered or not.
    pub requests: usize,
}

/// Answers the whole frames at the front of `input` one after the other into `output`, as long as any reply fits there.
#[inline]
pub(super) fn answer_all<U: Units>(
    config: &Config,
    device: &mut Device<U>,
    input: &[u8],
    output: &mut [u8],
) -> Answered {
    match config.framing {
        Framing::Mbap => answer_all_mbap(config, device, input, output),
        Framing::Rtu => answer_all_rtu(config, device, input, output),
    }
}

#[inline(always)]
pub(super) fn answer_all_mbap<U: Units>(
    config: &Config,
    device: &mut Device<U>,
    input: &[u8],
    output: &mut [u8],
) -> Answered {
    let (mut rest, mut written, mut requests) = (input, 0, 0);
    while let Some((header, pdu, behind)) = mbap::split_whole(rest)
        && let Some(room) = output.get_mut(written..)
        && let Some((head, room)) = room.split_first_chunk_mut::<{ mbap::HEADER }>()
        && let Some(room) = room.first_chunk_mut()
    {
        rest = behind;
        requests += 1;
        let length = answer(config, device, header[6], pdu, room);
        if length > 0 {
            mbap::reply_header(header, length, head);
            written += mbap::HEADER + length;
        }
    }
    Answered {
        taken: input.len() - rest.len(),
        written,
        requests,
    }
}

#[inline(never)]
fn answer_all_rtu<U: Units>(
    config: &Config,
    device: &mut Device<U>,
    input: &[u8],
    output: &mut [u8],
) -> Answered {
    let mut answered = Answered {
        taken: 0,
        written: 0,
        requests: 0,
    };
    while let Ok(Some(frame)) = Framing::Rtu.split(Side::Request, &input[answered.taken..])
        && let Some(room) = output[answered.written..].first_chunk_mut()
    {
        let pdu = &input[answered.taken..][frame.pdu_start..frame.pdu_end];
        answered.written += reply_rtu(config, device, frame.unit, pdu, room);
        answered.taken += frame.end;
        answered.requests += 1;
    }
    answered
}

/// Writes the RTU frame that answers `pdu` into `out` and returns its length, 0 for no answer.
fn reply_rtu<U: Units>(
    config: &Config,
    device: &mut Device<U>,
    unit: u8,
    pdu: &[u8],
    out: &mut [u8; mbap::MAX_FRAME],
) -> usize {
    let mut silent = false;
    let length = rtu::encode(out, unit, |room| {
        let room = room.first_chunk_mut().ok_or(Error::BufferTooSmall)?;
        let length = answer(config, device, unit, pdu, room);
        silent = length == 0;
        Ok(length)
    });
    if silent { 0 } else { length.unwrap_or(0) }
}
