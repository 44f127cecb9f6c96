//! What was read, as rows: lines for people, CSV, or JSON lines.

use clap::ValueEnum;
use serde_json::json;

use super::clock::WallClock;
use super::writer::{Writer, Written};
use crate::modbus::typed::Shown;
use crate::output::csv;

/// The form of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Time, device, tag, value and quality, with spaces between them.
    #[value(skip)]
    Lines,
    /// `time,device,tag,value,quality`, with a header (RFC 4180).
    Csv,
    /// One JSON object for each reading.
    Jsonl,
}

/// One reading of a tag.
pub struct Row<'a> {
    /// The loop's time, in nanoseconds.
    pub now: u64,
    pub device: &'a str,
    pub tag: &'a str,
    pub measure: &'a str,
    /// `None` if it could not be read.
    pub value: Option<&'a Shown>,
    pub quality: &'a str,
}

/// At most so many bytes wait for a writer that is behind; rows beyond are dropped and counted.
const MOST_BYTES: usize = 64 << 20;

/// Where rows go.
pub struct Rows {
    form: Form,
    clock: WallClock,
    buffer: Vec<u8>,
    buffered_rows: u64,
    dropped: u64,
    written: u64,
    writer: Writer,
}

impl Rows {
    pub fn new(form: Form, clock: WallClock, writer: Writer) -> Self {
        let header: &[u8] = match form {
            Form::Csv => b"time,device,tag,value,quality\n",
            Form::Lines | Form::Jsonl => b"",
        };
        Self {
            form,
            clock,
            buffer: header.to_vec(),
            buffered_rows: 0,
            dropped: 0,
            written: 0,
            writer,
        }
    }

    pub fn push(&mut self, row: &Row<'_>) {
        if self.buffer.len() > MOST_BYTES {
            self.dropped += 1;
            return;
        }
        let line = self.line(row);
        self.buffer.extend_from_slice(line.as_bytes());
        self.buffered_rows += 1;
    }

    fn line(&self, row: &Row<'_>) -> String {
        let time = self.clock.text(row.now);
        let text = row.value.map_or("", |shown| shown.text.as_str());
        match self.form {
            Form::Csv => format!(
                "{time},{},{},{},{}\n",
                csv(row.device),
                csv(row.tag),
                csv(text),
                csv(row.quality)
            ),
            Form::Jsonl => {
                let value = row.value.map_or(serde_json::Value::Null, Shown::json);
                let object = json!({
                    "time": time,
                    "device": row.device,
                    "tag": row.tag,
                    "value": value,
                    "quality": row.quality,
                });
                format!("{object}\n")
            }
            Form::Lines => {
                let text = if row.value.is_some() { text } else { "-" };
                let measure = row.measure;
                let space = if measure.is_empty() { "" } else { " " };
                let (device, tag, quality) = (row.device, row.tag, row.quality);
                format!("{time}  {device}  {tag}  {text}{space}{measure}  {quality}\n")
            }
        }
    }

    /// Hands what has gathered to the writer, unless it is behind: then with the next rows.
    pub fn flush(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        match self.writer.give(std::mem::take(&mut self.buffer)) {
            Ok(()) => self.written += std::mem::take(&mut self.buffered_rows),
            Err(chunk) => self.buffer = chunk,
        }
    }

    /// Ends the writer; returns how that went and how many rows were dropped since it was too slow.
    pub fn finish(mut self) -> (Written, u64) {
        self.flush();
        let left = self.buffered_rows;
        (self.writer.finish(), self.dropped + left)
    }
}
