//! Functions 8, 11 and 12.

use super::*;

fn diagnose<U: Units>(
    session: &mut Session<U>,
    sub: SubFunction,
    word: u16,
) -> Option<Result<u16, ExceptionCode>> {
    let words = [word];
    let data = Registers::from_words(&words);
    match session.ask(
        1,
        &Request::Diagnostics {
            sub_function: sub,
            data,
        },
    ) {
        Some(Response::Diagnostics { sub_function, data }) => {
            assert_eq!(sub_function, sub);
            Some(Ok(data.get(0).unwrap()))
        }
        Some(Response::Exception { function: 8, code }) => Some(Err(code)),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn diagnostic_counters() {
    let mut session = full();
    session.raw(1, &[3, 0, 0, 0, 1]);
    session.raw(1, &[3, 0, 0, 0, 0]);
    session.raw(7, &[3, 0, 0, 0, 1]);
    assert_eq!(
        diagnose(&mut session, SubFunction::ReturnQueryData, 0xA537),
        Some(Ok(0xA537))
    );
    assert_eq!(
        diagnose(&mut session, SubFunction::BusMessageCount, 0),
        Some(Ok(5))
    );
    // Not those for unit 7.
    assert_eq!(
        diagnose(&mut session, SubFunction::ServerMessageCount, 0),
        Some(Ok(5))
    );
    assert_eq!(
        diagnose(&mut session, SubFunction::BusExceptionErrorCount, 0),
        Some(Ok(2))
    );
    let wrong = diagnose(&mut session, SubFunction::BusMessageCount, 1);
    assert_eq!(wrong, Some(Err(ExceptionCode::IllegalDataValue)));
    let unknown = diagnose(&mut session, SubFunction::Other(19), 0);
    assert_eq!(unknown, Some(Err(ExceptionCode::IllegalFunction)));
    session.device.diagnostics.register = 0xBEEF;
    assert_eq!(
        diagnose(&mut session, SubFunction::ReturnDiagnosticRegister, 0),
        Some(Ok(0xBEEF))
    );
    // Function 11 counts what was done, and not itself (§6.9).
    for _ in 0..2 {
        let reply = session.ask(1, &Request::GetCommEventCounter);
        assert_eq!(
            reply,
            Some(Response::GetCommEventCounter {
                status: 0,
                events: 1
            })
        );
    }
    assert_eq!(
        diagnose(&mut session, SubFunction::ClearCounters, 0),
        Some(Ok(0))
    );
    assert_eq!(
        diagnose(&mut session, SubFunction::BusMessageCount, 0),
        Some(Ok(1))
    );
    // The totals stay.
    assert_eq!(session.device.statistics.exceptions, 4);
}

#[test]
fn event_log() {
    let mut session = full();
    session.raw(1, &[3, 0, 0, 0, 1]);
    session.raw(1, &[9]);
    match session.ask(1, &Request::GetCommEventLog) {
        Some(Response::GetCommEventLog {
            status: 0,
            events: 1,
            messages: 3,
            log,
        }) => {
            // Latest first: this request, the exception and its request, the answer and its request.
            assert_eq!(log, [0x80, 0x41, 0x80, 0x40, 0x80]);
        }
        other => panic!("{other:?}"),
    }
    for _ in 0..100 {
        session.raw(1, &[3, 0, 0, 0, 1]);
    }
    match session.ask(1, &Request::GetCommEventLog) {
        Some(Response::GetCommEventLog { log, .. }) => assert_eq!(log.len(), 64),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        diagnose(&mut session, SubFunction::RestartCommunications, 0xFF00),
        Some(Ok(0xFF00))
    );
    match session.ask(1, &Request::GetCommEventLog) {
        // The restart, the answer to it, this request.
        Some(Response::GetCommEventLog { log, .. }) => assert_eq!(log, [0x80, 0x40, 0x00]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn listen_only_mode_is_refused_unless_allowed() {
    let mut session = full();
    let refused = diagnose(&mut session, SubFunction::ForceListenOnly, 0);
    assert_eq!(refused, Some(Err(ExceptionCode::IllegalFunction)));

    let config = Config {
        allow_listen_only: true,
        ..Config::default()
    };
    let mut session = Session::new(
        AnyUnit(Rich {
            file: [0; 16],
            queue: vec![],
        }),
        config,
    );
    assert_eq!(
        diagnose(&mut session, SubFunction::ForceListenOnly, 0),
        None
    );
    assert!(session.device.diagnostics.is_listen_only());
    assert_eq!(session.ask(1, &Request::ReadFifoQueue { pointer: 0 }), None);
    // The restart that ends it is not answered either.
    assert_eq!(
        diagnose(&mut session, SubFunction::RestartCommunications, 0),
        None
    );
    assert!(
        session
            .ask(1, &Request::ReadFifoQueue { pointer: 0 })
            .is_some()
    );
}
