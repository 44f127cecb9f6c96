//! What of the table is shown, and what keys do to that.

use super::keys::Key;
use super::picture::Line;

/// How lines are sorted. `s` goes from one to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As in the file.
    #[default]
    File,
    /// By tag, then by device.
    Name,
    /// Bad ones first.
    Quality,
    /// The one that was read longest ago first; those that were never read before all.
    Age,
}

impl Order {
    const fn next(self) -> Self {
        match self {
            Self::File => Self::Name,
            Self::Name => Self::Quality,
            Self::Quality => Self::Age,
            Self::Age => Self::File,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Name => "name",
            Self::Quality => "quality",
            Self::Age => "age",
        }
    }
}

/// What a key means for the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Nothing.
    Nothing,
    /// The table looks another way.
    Changed,
    /// The poll is to end.
    Quit,
}

/// The state of the display.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub paused: bool,
    pub help: bool,
    pub order: Order,
    /// Only lines whose device or tag contains this, in capitals or not.
    pub filter: String,
    /// The filter is being typed.
    pub typing: bool,
    first: usize,
}

impl View {
    /// The lines that are shown, all pages of them, in their order: indices in `lines`.
    pub fn select(&self, lines: &[Line]) -> Vec<usize> {
        let wanted = self.filter.to_lowercase();
        let holds = |text: &str| text.to_lowercase().contains(&wanted);
        let mut chosen: Vec<usize> = (0..lines.len())
            .filter(|index| holds(&lines[*index].device) || holds(&lines[*index].tag))
            .collect();
        match self.order {
            Order::File => {}
            Order::Name => chosen.sort_by_key(|index| (&lines[*index].tag, &lines[*index].device)),
            Order::Quality => chosen.sort_by_key(|index| lines[*index].good),
            Order::Age => {
                chosen
                    .sort_by_key(|index| std::cmp::Reverse(lines[*index].age.unwrap_or(u64::MAX)));
            }
        }
        chosen
    }

    /// The first line to be shown of `count`, where `room` fit.
    pub const fn first(&self, count: usize, room: usize) -> usize {
        let last = count.saturating_sub(room);
        if self.first < last { self.first } else { last }
    }

    /// A key was pressed while `count` lines were chosen and `room` of them fitted.
    pub fn press(&mut self, key: Key, count: usize, room: usize) -> Pressed {
        match (key, self.typing) {
            (Key::Interrupt, _) => return Pressed::Quit,
            (Key::Char(character), true) => {
                self.filter.push(character);
                self.first = 0;
            }
            (Key::Backspace, true) => {
                self.filter.pop();
                self.first = 0;
            }
            (Key::Enter, true) => self.typing = false,
            (Key::Escape, _) => {
                self.typing = false;
                self.help = false;
                self.filter.clear();
            }
            (Key::Char('q' | 'Q'), false) => return Pressed::Quit,
            (Key::Char('p' | 'P' | ' '), false) => self.paused = !self.paused,
            (Key::Char('s' | 'S'), false) => {
                self.order = self.order.next();
                self.first = 0;
            }
            (Key::Char('/'), false) => self.typing = true,
            (Key::Char('?' | 'h'), false) => self.help = !self.help,
            (key, _) => return self.scroll(key, count, room),
        }
        Pressed::Changed
    }

    fn scroll(&mut self, key: Key, count: usize, room: usize) -> Pressed {
        let at = self.first(count, room);
        let to = match key {
            Key::Up | Key::Char('k') => at.saturating_sub(1),
            Key::Down | Key::Char('j') => at + 1,
            Key::PageUp => at.saturating_sub(room),
            Key::PageDown => at + room,
            Key::Home | Key::Char('g') => 0,
            Key::End | Key::Char('G') => count,
            _ => return Pressed::Nothing,
        };
        self.first = to;
        self.first = self.first(count, room);
        Pressed::Changed
    }

    /// Shows the next `room` lines of `count`, after the last ones the first: for a display without keys.
    pub const fn turn_page(&mut self, count: usize, room: usize) {
        let next = self.first + room;
        self.first = if next < count { next } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(device: &str, tag: &str, age: Option<u64>, good: bool) -> Line {
        Line {
            device: device.to_owned(),
            tag: tag.to_owned(),
            value: "1".to_owned(),
            measure: String::new(),
            age,
            quality: if good { "good" } else { "bad" }.to_owned(),
            good,
        }
    }

    fn plant() -> Vec<Line> {
        vec![
            line("press", "flow", Some(30), true),
            line("press", "Level", None, false),
            line("boiler", "flow", Some(10), true),
            line("boiler", "temperature", Some(90), false),
            line("mill", "speed", Some(20), true),
        ]
    }

    /// Presses keys where two lines fit.
    fn press(view: &mut View, keys: &[Key]) -> Pressed {
        let mut last = Pressed::Nothing;
        for key in keys {
            let count = view.select(&plant()).len();
            last = view.press(*key, count, 2);
        }
        last
    }

    fn chars(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn quitting() {
        assert_eq!(
            press(&mut View::default(), &[Key::Char('q')]),
            Pressed::Quit
        );
        assert_eq!(
            press(&mut View::default(), &[Key::Interrupt]),
            Pressed::Quit
        );
        let mut view = View::default();
        // A letter of a filter is no command; Ctrl-C always is.
        assert_eq!(press(&mut view, &chars("/q")), Pressed::Changed);
        assert_eq!(press(&mut view, &[Key::Interrupt]), Pressed::Quit);
    }

    #[test]
    fn pausing_and_helping_go_on_and_off() {
        let mut view = View::default();
        press(&mut view, &chars("p"));
        assert!(view.paused);
        press(&mut view, &chars("p?"));
        assert!(!view.paused && view.help);
        press(&mut view, &chars("?"));
        assert!(!view.help);
        assert_eq!(press(&mut view, &chars("x")), Pressed::Nothing);
    }

    #[test]
    fn scrolling_stays_within_the_lines() {
        let mut view = View::default();
        let mut at = |keys: &[Key]| {
            press(&mut view, keys);
            view.first(5, 2)
        };
        assert_eq!(at(&[Key::Up]), 0);
        assert_eq!(at(&[Key::Down]), 1);
        assert_eq!(at(&chars("j")), 2);
        assert_eq!(at(&chars("jjjj")), 3);
        assert_eq!(at(&chars("k")), 2);
        assert_eq!(at(&[Key::PageUp]), 0);
        assert_eq!(at(&[Key::PageDown]), 2);
        assert_eq!(at(&[Key::PageDown]), 3);
        assert_eq!(at(&[Key::PageDown, Key::Up]), 2);
        assert_eq!(at(&[Key::End]), 3);
        assert_eq!(at(&[Key::Home]), 0);
        // A larger terminal shows all there is.
        press(&mut view, &[Key::End]);
        assert_eq!(view.first(5, 40), 0);
        assert_eq!(view.first(0, 40), 0);
    }

    #[test]
    fn sorting_goes_round() {
        let mut view = View::default();
        let lines = plant();
        assert_eq!(view.select(&lines), [0, 1, 2, 3, 4]);
        press(&mut view, &chars("js"));
        assert_eq!(view.order, Order::Name);
        assert_eq!(view.first(5, 2), 0);
        assert_eq!(view.select(&lines), [1, 2, 0, 4, 3]);
        press(&mut view, &chars("s"));
        assert_eq!(view.select(&lines), [1, 3, 0, 2, 4]);
        press(&mut view, &chars("s"));
        assert_eq!(view.select(&lines), [1, 3, 0, 4, 2]);
        press(&mut view, &chars("s"));
        assert_eq!(view.order, Order::File);
    }

    #[test]
    fn filtering_as_it_is_typed() {
        let mut view = View::default();
        let lines = plant();
        press(&mut view, &chars("/LEV"));
        assert!(view.typing);
        assert_eq!(view.select(&lines), [1]);
        press(&mut view, &[Key::Backspace; 3]);
        assert_eq!(view.select(&lines).len(), 5);
        press(&mut view, &chars("boil"));
        press(&mut view, &[Key::Enter]);
        assert!(!view.typing);
        assert_eq!(view.select(&lines), [2, 3]);
        // Commands are commands again, and the filter stays.
        press(&mut view, &chars("s"));
        assert_eq!((view.order, view.select(&lines)), (Order::Name, vec![2, 3]));
        press(&mut view, &chars("/"));
        assert_eq!(view.filter, "boil");
        press(&mut view, &[Key::Escape]);
        assert_eq!(view.select(&lines).len(), 5);
        assert!(!view.typing);
    }

    #[test]
    fn scrolling_while_typing_and_a_filter_that_leaves_nothing() {
        let mut view = View::default();
        press(&mut view, &chars("/"));
        press(&mut view, &[Key::Down]);
        assert_eq!(view.first(5, 2), 1);
        press(&mut view, &chars("no such"));
        assert_eq!(view.select(&plant()), [] as [usize; 0]);
        assert_eq!(
            press(&mut view, &[Key::PageDown, Key::Up]),
            Pressed::Changed
        );
        assert_eq!(view.first(0, 2), 0);
    }

    #[test]
    fn pages_turn_round_without_keys() {
        let mut view = View::default();
        let firsts: Vec<usize> = (0..4)
            .map(|_| {
                view.turn_page(5, 2);
                view.first(5, 2)
            })
            .collect();
        assert_eq!(firsts, [2, 3, 0, 2]);
    }
}
