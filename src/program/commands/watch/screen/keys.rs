//! What each key does.

use crate::program::context::Host;
use crate::program::render::screen::{Page, Scene, Screen};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::io;
use std::time::Duration;

/// Where keys come from.
pub trait Keys {
    /// Waits for keys, and returns those that were pressed: none when the time is over, or something else has happened.
    fn wait(&mut self, time: Duration) -> io::Result<Vec<KeyEvent>>;
}

/// The keys of the terminal. The terminal's library waits for ever on one that has gone, so the host waits.
pub struct Terminal<'h>(pub &'h dyn Host);

impl Keys for Terminal<'_> {
    fn wait(&mut self, time: Duration) -> io::Result<Vec<KeyEvent>> {
        let mut keys = Vec::new();
        // What was read ahead comes first.
        while event::poll(Duration::ZERO)? || keys.is_empty() && self.0.wait_for_input(time)? {
            match event::read()? {
                Event::Key(key) if key.kind != KeyEventKind::Release => keys.push(key),
                _ => break,
            }
        }
        Ok(keys)
    }
}

/// What is to be done after a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Draw what has changed.
    Draw,
    /// Draw everything anew.
    DrawAnew,
    /// Quit.
    Quit,
}

/// Does what a key means.
pub fn press(screen: &mut Screen, scene: &Scene<'_>, key: KeyEvent) -> After {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('c') => return After::Quit,
            KeyCode::Char('l') => return After::DrawAnew,
            _ => return After::Draw,
        }
    }
    if screen.searching {
        search(screen, scene, key.code);
        return After::Draw;
    }
    match key.code {
        KeyCode::Up | KeyCode::Char('k') => screen.move_by(-1, scene),
        KeyCode::Down | KeyCode::Char('j') => screen.move_by(1, scene),
        KeyCode::PageUp => screen.move_pages(-1, scene),
        KeyCode::PageDown => screen.move_pages(1, scene),
        KeyCode::Home | KeyCode::Char('g') => screen.to_start(scene),
        KeyCode::End | KeyCode::Char('G') => screen.to_end(scene),
        KeyCode::Left | KeyCode::Char('<') => screen.sort_by_next(false, scene),
        KeyCode::Right | KeyCode::Char('>') => screen.sort_by_next(true, scene),
        KeyCode::Char('r') => screen.reverse(scene),
        KeyCode::Char('b') => screen.toggle_bits(),
        KeyCode::Char('p') => screen.paused = !screen.paused,
        KeyCode::Char(' ') => screen.fold(scene),
        KeyCode::Char('F') => screen.fold_all(scene),
        KeyCode::Char('/') => (screen.page, screen.searching) = (Page::Table, true),
        KeyCode::Char('?' | 'h') if screen.page != Page::Help => screen.show(Page::Help),
        KeyCode::Enter if screen.page == Page::Table => screen.open(),
        KeyCode::Char('?' | 'h') => screen.show(Page::Table),
        KeyCode::Esc | KeyCode::Backspace if screen.page != Page::Table => screen.show(Page::Table),
        KeyCode::Esc if screen.has_search() => screen.end_search(scene),
        KeyCode::Char('q') | KeyCode::Esc => return After::Quit,
        _ => {}
    }
    After::Draw
}

/// While something is typed to be searched for.
fn search(screen: &mut Screen, scene: &Scene<'_>, key: KeyCode) {
    match key {
        KeyCode::Char(character) => screen.search_more(character, scene),
        KeyCode::Backspace => screen.search_less(scene),
        KeyCode::Enter => screen.searching = false,
        KeyCode::Esc => screen.end_search(scene),
        KeyCode::Up => screen.move_by(-1, scene),
        KeyCode::Down => screen.move_by(1, scene),
        _ => {}
    }
}
