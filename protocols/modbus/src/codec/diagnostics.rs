//! Sub-functions of Diagnostics, function 8 (§6.8.1).

/// What a Diagnostics request asks for.
///
/// Sub-functions that the specification does not name travel as [`SubFunction::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubFunction {
    /// 00: return the request's data. The only one whose data may be longer than one word.
    ReturnQueryData,
    /// 01: restart communications; data 0xFF00 clears the event log too. Ends listen-only mode.
    RestartCommunications,
    /// 02: return the diagnostic register.
    ReturnDiagnosticRegister,
    /// 03: change the delimiter of ASCII framing.
    ChangeAsciiDelimiter,
    /// 04: no replies any more until restarted.
    ForceListenOnly,
    /// 10: clear counters and the diagnostic register.
    ClearCounters,
    /// 11: messages seen.
    BusMessageCount,
    /// 12: messages with a bad checksum.
    BusCommunicationErrorCount,
    /// 13: exception replies.
    BusExceptionErrorCount,
    /// 14: messages addressed to this server.
    ServerMessageCount,
    /// 15: messages for which no reply was sent.
    ServerNoResponseCount,
    /// 16: negative acknowledgements (exception 07).
    ServerNakCount,
    /// 17: busy replies (exception 06).
    ServerBusyCount,
    /// 18: messages lost to an overrun.
    BusCharacterOverrunCount,
    /// 20: clear the overrun counter.
    ClearOverrunCounter,
    /// Reserved by the specification, or unknown to it.
    Other(u16),
}

impl From<u16> for SubFunction {
    fn from(code: u16) -> Self {
        match code {
            0 => Self::ReturnQueryData,
            1 => Self::RestartCommunications,
            2 => Self::ReturnDiagnosticRegister,
            3 => Self::ChangeAsciiDelimiter,
            4 => Self::ForceListenOnly,
            10 => Self::ClearCounters,
            11 => Self::BusMessageCount,
            12 => Self::BusCommunicationErrorCount,
            13 => Self::BusExceptionErrorCount,
            14 => Self::ServerMessageCount,
            15 => Self::ServerNoResponseCount,
            16 => Self::ServerNakCount,
            17 => Self::ServerBusyCount,
            18 => Self::BusCharacterOverrunCount,
            20 => Self::ClearOverrunCounter,
            other => Self::Other(other),
        }
    }
}

impl From<SubFunction> for u16 {
    fn from(sub: SubFunction) -> Self {
        match sub {
            SubFunction::ReturnQueryData => 0,
            SubFunction::RestartCommunications => 1,
            SubFunction::ReturnDiagnosticRegister => 2,
            SubFunction::ChangeAsciiDelimiter => 3,
            SubFunction::ForceListenOnly => 4,
            SubFunction::ClearCounters => 10,
            SubFunction::BusMessageCount => 11,
            SubFunction::BusCommunicationErrorCount => 12,
            SubFunction::BusExceptionErrorCount => 13,
            SubFunction::ServerMessageCount => 14,
            SubFunction::ServerNoResponseCount => 15,
            SubFunction::ServerNakCount => 16,
            SubFunction::ServerBusyCount => 17,
            SubFunction::BusCharacterOverrunCount => 18,
            SubFunction::ClearOverrunCounter => 20,
            SubFunction::Other(other) => other,
        }
    }
}
