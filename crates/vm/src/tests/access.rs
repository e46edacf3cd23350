//! Who may use which word: the log, what is pinned, and forged tables.

use super::small_world::{Memory, PRIMITIVES, attached, control, make_words, new, save};
use super::std::string::ToString;
use crate::access::{AUDIT_LINES, Event, MAX_CONTROLLED};
use crate::{Machine, Trap, World};

/// Does `work` in a world with `words` words.
fn with_words<T>(words: usize, work: impl FnOnce(&mut Machine<'_, '_>) -> T) -> T {
    let mut memory = Memory::new(0);
    let mut world = new(&mut memory);
    attached(&mut world, |machine| {
        make_words(machine, &super::std::vec![None; words]);
        work(machine)
    })
    .expect("it is alive")
}

fn deny(machine: &mut Machine<'_, '_>, token: i64) -> Result<(), Trap> {
    machine.change_access(token, Event::Disallowed, |access| access.allowed = false)
}

#[test]
fn the_log_keeps_its_last_lines() {
    with_words(3, |machine| {
        for round in 0..AUDIT_LINES as u64 + 1 {
            let lines = (0..).map_while(|index| machine.audit_line(index)).count();
            assert_eq!(lines as u64, round.min(AUDIT_LINES as u64));
            deny(machine, if round == 1 { 2 } else { 1 }).expect("there is room");
        }
        let oldest = machine.audit_line(0).expect("there are lines");
        assert_eq!((oldest.token, oldest.name()), (2, &b"word"[..]));
        assert_eq!(oldest.event(), Some(Event::Disallowed));
        assert!(machine.audit_line(AUDIT_LINES as u64).is_none());
        assert!(machine.audit_line(u64::MAX).is_none());
    });
}

#[test]
fn what_is_pinned_cannot_be_changed() {
    with_words(4, |machine| {
        machine.pin(2).expect("there is such a word");
        assert_eq!(deny(machine, 2), Err(Trap::WORD_PINNED));
        assert_eq!(machine.explanation(Trap::WORD_PINNED), Some("word"));
        assert_eq!(machine.refuse_pinned_name(b"WoRd"), Err(Trap::WORD_PINNED));
        assert_eq!(machine.refuse_pinned_name(b"word2"), Ok(()));
        assert_eq!(machine.refuse_pinned_name(b""), Ok(()));
        assert_eq!(machine.pin(2), Ok(()));
        assert_eq!(
            (machine.next_pinned(2), machine.next_pinned(3)),
            (Some(2), None)
        );
        assert!(machine.access(2).pinned && machine.access(2).allowed);
    });
}

#[test]
fn no_token_of_no_word_comes_under_control() {
    with_words(3, |machine| {
        for token in [-1, 3, i64::MAX, i64::MIN] {
            assert_eq!(deny(machine, token), Err(Trap::STALE_TOKEN));
            assert_eq!(machine.pin(token), Err(Trap::STALE_TOKEN));
            assert_eq!(machine.use_word(token), Ok(false));
        }
    });
}

/// Loads a world with two words under control after `forge` has changed its table, in words.
fn loaded(forge: impl FnOnce(&mut World<'_>, u64)) -> Result<(), super::std::string::String> {
    let mut memory = Memory::new(0);
    let mut world = new(&mut memory);
    attached(&mut world, |machine| {
        make_words(machine, &[None; 4]);
        deny(machine, 1).expect("there is room");
        deny(machine, 3).expect("there is room");
    });
    let table = control(&mut world).access.offset;
    forge(&mut world, table);
    let image = save(&world);
    let mut other = Memory::new(5);
    match World::load(other.region(), &image, PRIMITIVES) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn word<'w>(world: &'w mut World<'_>, offset: u64) -> &'w mut u64 {
    // SAFETY: the tests name words of the table, and the world is borrowed exclusively.
    unsafe { &mut *world.arena.base().as_ptr().add(offset as usize).cast() }
}

#[test]
fn a_world_with_words_under_control_is_loaded() {
    assert_eq!(loaded(|_, _| ()), Ok(()));
}

#[test]
fn a_forged_table_is_refused() {
    let refused = |forge: fn(&mut World<'_>, u64)| {
        let error = loaded(forge).expect_err("it is forged");
        assert!(error.contains("the table of access to words"), "{error}");
    };
    refused(|world, table| *word(world, table) = MAX_CONTROLLED as u64 + 1);
    refused(|world, table| *word(world, table) = 3);
    refused(|world, table| *word(world, table + 16) = 3);
    // The token of the second entry, which has nine words.
    for token in [i64::MAX.cast_unsigned(), u64::MAX] {
        let error = loaded(|world, table| *word(world, table + 16 + 72) = token);
        assert!(error.is_err(), "{token:#x}");
    }
    let unowned = loaded(|world, _| control(world).access = stele_memory::Block::NONE);
    assert!(unowned.is_err_and(|error| error.contains("belongs to nobody")));
}
