//! `ptk modbus poll`: many devices, each on a link of its own, all on one loop.

mod clock;
mod device;
mod live;
pub mod plan;
mod rows;
mod statistics;
mod summary;
mod writer;

use std::cell::RefCell;
use std::fs::File;
use std::io::{IsTerminal, stdout};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use ptk_core::event_loop::{Context, Event, EventLoop, Handler, Remote};
use ptk_core::time::Instant;
use ptk_modbus::glue::Link;
use ptk_modbus::poller::{Quality, stagger};

use crate::arguments::Poll;
use crate::failure::{Code, Failure};
use crate::output;
use clock::WallClock;
use device::{Device, IN_FLIGHT};
use live::Live;
use plan::{MOST_DEVICES, Plan};
pub use rows::Form;
use rows::Rows;
use statistics::Overall;
pub use statistics::failure_kind;
use summary::{DeviceSummary, Summary};
use writer::{Writer, Written};

static REMOTE: Remote = Remote::new();

/// A source for each device, two signals and the keys; a timer for each device, the end and the table.
const SOURCES: usize = MOST_DEVICES + 3;
const TIMERS: usize = MOST_DEVICES + 2;

/// The owners of timers and of the keys, besides the devices'.
const END: u32 = MOST_DEVICES as u32;
const DRAW: u32 = END + 1;
const KEYS: u32 = DRAW + 1;

const DRAW_PERIOD: Duration = Duration::from_millis(250);
/// Devices begin within this time, however long their periods are.
const LONGEST_STAGGER: u64 = ptk_modbus::SECOND;

/// The loop's handler.
struct Polling {
    links: Vec<Link<Device, IN_FLIGHT>>,
    /// Devices whose tags have not as many readings as are wanted.
    unfinished: usize,
    rows: Option<Rc<RefCell<Rows>>>,
    live: Option<Live>,
    begin: Instant,
    end: Instant,
}

impl Handler for Polling {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        match event.owner {
            END => cx.stop(),
            DRAW => {
                if let Some(live) = &mut self.live {
                    live.draw(&self.links, cx.now().as_nanos(), self.begin.as_nanos());
                }
            }
            KEYS => {
                if self.live.as_mut().is_some_and(Live::press) {
                    cx.stop();
                }
            }
            owner => {
                let Some(link) = self.links.get_mut(owner as usize) else {
                    return cx.note_unhandled();
                };
                let before = link.caller.is_done();
                link.on_event(cx, event);
                if link.caller.is_done() && !before {
                    link.stop(cx);
                    self.unfinished -= 1;
                    if self.unfinished == 0 {
                        cx.stop();
                    }
                }
                if let Some(rows) = &self.rows {
                    rows.borrow_mut().flush();
                }
            }
        }
        self.end = cx.now();
    }
}

pub fn run(arguments: &Poll) -> Result<(), Failure> {
    let plan = plan::read(&arguments.file)?;
    if arguments.check {
        return output::print(&outline(plan)?);
    }
    let failure = |error: ptk_core::Error| Failure::new("poll", error);
    let mut event_loop: EventLoop<SOURCES, TIMERS> =
        EventLoop::with_remote(&REMOTE).map_err(failure)?;
    // Before the threads that write are started: they inherit which signals are blocked.
    event_loop.stop_on_signals().map_err(failure)?;
    let begin = event_loop.context().now();
    let clock = WallClock::new(begin.as_nanos());
    let overall = Rc::new(Overall::new());
    let (rows, live) = outputs(arguments, clock, &overall)?;
    let mut polling = Polling {
        links: links(plan, arguments, rows.as_ref(), &overall)?,
        unfinished: 0,
        rows,
        live,
        begin,
        end: begin,
    };
    polling.unfinished = polling.links.len();
    start(&mut polling, &mut event_loop.context(), arguments.duration).map_err(failure)?;
    event_loop.run(&mut polling).map_err(failure)?;
    finish(polling, arguments)
}

fn start(
    polling: &mut Polling,
    cx: &mut Context,
    duration: Option<Duration>,
) -> Result<(), ptk_core::Error> {
    if let Some(duration) = duration {
        cx.start_timer(duration, END, 0_u16)?;
    }
    if let Some(live) = &mut polling.live {
        let (_, raiser) = cx.attach_user(KEYS, 0_u16)?;
        live.listen(raiser);
        live.draw(
            &polling.links,
            cx.now().as_nanos(),
            polling.begin.as_nanos(),
        );
        cx.start_periodic(DRAW_PERIOD, DRAW, 0_u16)?;
    }
    for link in &mut polling.links {
        link.start(cx);
    }
    Ok(())
}

/// What is told: rows, a table, or both.
type Outputs = (Option<Rc<RefCell<Rows>>>, Option<Live>);

/// Where rows and the table go. A terminal shows the table, unless rows go there.
fn outputs(arguments: &Poll, clock: WallClock, overall: &Rc<Overall>) -> Result<Outputs, Failure> {
    let stopper = REMOTE.stopper();
    let rows = |form, writer| Some(Rc::new(RefCell::new(Rows::new(form, clock, writer))));
    let live = || Live::start(stopper, Rc::clone(overall));
    let (form, file) = arguments.output()?;
    let to_file = match &file {
        Some(path) => {
            let file = File::create(path).map_err(|error| Failure::new(path.display(), error))?;
            rows(form.unwrap_or(Form::Csv), Writer::start(file, stopper))
        }
        None => None,
    };
    let terminal = stdout().is_terminal() && !arguments.lines;
    Ok(match (to_file, form) {
        (Some(rows), _) if terminal => (Some(rows), Some(live())),
        (Some(rows), _) => (Some(rows), None),
        (None, Some(form)) => (rows(form, Writer::start(stdout(), stopper)), None),
        (None, None) if terminal => (None, Some(live())),
        (None, None) => (rows(Form::Lines, Writer::start(stdout(), stopper)), None),
    })
}

fn links(
    plan: Plan,
    arguments: &Poll,
    rows: Option<&Rc<RefCell<Rows>>>,
    overall: &Rc<Overall>,
) -> Result<Vec<Link<Device, IN_FLIGHT>>, Failure> {
    let count = plan.devices.len() as u64;
    let staggered = plan.stagger;
    let devices = plan.devices.into_iter().enumerate();
    let links = devices.map(|(index, device)| {
        let period = device.tags.iter().map(|tag| tag.period).min();
        let spread = period.unwrap_or(0).min(LONGEST_STAGGER);
        let offset = if staggered {
            stagger(index as u64, count, spread)
        } else {
            0
        };
        let (name, address, config) = (device.name.clone(), device.address, device.config);
        let caller = Device::new(
            device,
            offset,
            arguments.count,
            arguments.changes,
            rows.cloned(),
            Rc::clone(overall),
        )
        .map_err(|error| Failure::usage(name, error))?;
        // The seed of the back-off's jitter: another one for each device and each run.
        let seed = u64::from(std::process::id()) << 32 | index as u64;
        Ok(Link::new(address, config, seed, index as u32, caller))
    });
    links.collect()
}

/// What would be polled: the requests that each device will be asked.
fn outline(plan: Plan) -> Result<String, Failure> {
    use std::fmt::Write;
    let overall = Rc::new(Overall::new());
    let mut text = String::new();
    for plan in plan.devices {
        let (name, address, config) = (plan.name.clone(), plan.address, plan.config);
        let device = Device::new(plan, 0, None, false, None, Rc::clone(&overall))
            .map_err(|error| Failure::usage(&name, error))?;
        let groups = device.poller.groups();
        let _ = writeln!(
            text,
            "{name}  {address}  {} tags in {} requests, {} in flight",
            device.poller.tags().len(),
            groups.len(),
            config.max_in_flight
        );
        for group in groups {
            let last = u32::from(group.address) + u32::from(group.quantity) - 1;
            let _ = writeln!(
                text,
                "    unit {} {} {} to {last}, {} tags, every {}",
                group.unit,
                group.area,
                group.address,
                group.tags,
                humantime::format_duration(Duration::from_nanos(group.period))
            );
        }
    }
    Ok(text)
}

/// Ends what writes, and tells the summary.
fn finish(polling: Polling, arguments: &Poll) -> Result<(), Failure> {
    if let Some(live) = polling.live {
        live.finish();
    }
    let devices = polling.links.into_iter().map(|link| DeviceSummary {
        address: link.target().to_string(),
        tags: link.caller.poller.tags().len(),
        groups: link.caller.poller.groups().len(),
        bad_tags: {
            let tags = link.caller.poller.tags().iter();
            tags.filter(|tag| tag.quality != Quality::Good).count()
        },
        name: link.caller.log.name,
        statistics: link.caller.log.statistics,
    });
    let devices: Vec<DeviceSummary> = devices.collect();
    let mut dropped = 0;
    let mut written = Written::All;
    // The devices' handles to the rows have gone with the links.
    if let Some(rows) = polling.rows.and_then(|rows| Rc::try_unwrap(rows).ok()) {
        (written, dropped) = rows.into_inner().finish();
    }
    let seconds = polling
        .end
        .saturating_duration_since(polling.begin)
        .as_secs_f64();
    let summary = Summary::new(seconds, devices, dropped);
    if let Some(path) = &arguments.summary_json {
        std::fs::write(path, format!("{}\n", summary.json()))
            .map_err(|error| Failure::new(path.display(), error))?;
    }
    match written {
        Written::Failed(error) => return Err(output::failed("output", &error)),
        Written::Stalled => output::note("ptk: output: the reader takes nothing; rows were lost"),
        Written::All => {}
    }
    if !arguments.quiet {
        output::note(summary.to_string().trim_end());
    }
    if arguments.strict && !summary.is_flawless() {
        let why = format!(
            "{} reads failed, {} periods were missed",
            summary.total.bad, summary.total.missed
        );
        return Err(Failure::with(
            Code::Unsatisfied,
            Path::display(&arguments.file),
            why,
        ));
    }
    Ok(())
}
