//! How an instance comes to speak Forth: the core module, its words' names, its first cells.

use crate::layout::{ORDER, STRINGS, user};
use crate::primitives::{
    FORTH_LIST, NO_TOKEN, NewWord, OWN_FUNCTIONS, add, create_lists, number_of_source,
    seal_dictionary, stand_for,
};
use stele_bytecode::lines::Lines;
use stele_bytecode::module::{Module, ModuleError};
use stele_memory::CodeRef;
use stele_vm::load::LoadError;
use stele_vm::origin::{ORIGIN_LIMIT, OriginWriter};
use stele_vm::words::flags::VOCABULARY;
use stele_vm::{Machine, Step, Trap};

/// The core words, compiled when the system was built.
static CORE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/core.svc"));

/// The token of the core's first word: none has 0.
const FIRST_TOKEN: u32 = 1;

/// Where in the flags of a module's word the number of its list begins, less one.
const LIST_SHIFT: u32 = 24;

/// Most word lists that the core module may have words in.
const MAX_LISTS: i64 = 256;

/// Most functions that the core module may have.
/// Significant digits that floats are printed with at first: as many as every float keeps.
const PRECISION: i64 = 15;

const MAX_FUNCTIONS: usize = 2048;

/// How an instance deals with its host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// Ends when the texts given at start have been interpreted, or at the first error in them.
    pub leave_after_texts: bool,
    /// Reads lines from the console as they are: no echo, no prompt, and the first error ends it.
    pub quiet: bool,
    /// Shows errors in colour: the console is a terminal, or a screen.
    pub colour: bool,
}

impl Mode {
    /// 1 to leave after the texts, 2 to be quiet, [`COLOUR`] for colours. Kept outside data space,
    /// because a program's state must not depend on who started it.
    const fn bits(self) -> u64 {
        self.leave_after_texts as u64
            | (self.quiet as u64) << 1
            | if self.colour { COLOUR } else { 0 }
    }
}

/// The bit of a mode that stands for [`Mode::colour`].
pub(crate) const COLOUR: u64 = 4;

/// Which of the instance's words holds its mode.
pub(crate) const MODE: usize = 3;

/// Why an instance could not be prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootError {
    /// The core module is malformed.
    Module(ModuleError),
    /// The core module does not load.
    Load(LoadError),
    /// There is no room.
    Trap(Trap),
}

impl core::fmt::Display for BootError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Module(error) => write!(f, "the core words cannot be read: {error}"),
            Self::Load(error) => write!(f, "the core words cannot be loaded: {error}"),
            Self::Trap(trap) => {
                write!(
                    f,
                    "the first instance cannot be made: {}",
                    trap.meaning().unwrap_or("it does not fit")
                )
            }
        }
    }
}

impl From<Trap> for BootError {
    fn from(trap: Trap) -> Self {
        Self::Trap(trap)
    }
}

/// The core words, as a `.svc` module.
#[must_use]
pub fn core_words() -> &'static [u8] {
    CORE
}

/// Makes a new instance ready to interpret its texts and then what is typed.
///
/// # Errors
/// If the core module does not fit into the arena.
pub fn prepare(machine: &mut Machine<'_, '_>, mode: Mode) -> Result<(), BootError> {
    prepare_from(CORE, machine, mode)
}

/// As [`prepare`], from other core words than those that come with the system.
///
/// # Errors
/// If the bytes are no module, its code breaks a rule, or it does not fit into the arena.
pub fn prepare_from(
    core: &[u8],
    machine: &mut Machine<'_, '_>,
    mode: Mode,
) -> Result<(), BootError> {
    let module = Module::read(core).map_err(BootError::Module)?;
    let data_length = i64::try_from(module.data.len()).unwrap_or(i64::MAX);
    let here = (STRINGS + data_length + 7) & !7;
    machine.grow_data(here)?;
    let mut places = [CodeRef(0); MAX_FUNCTIONS];
    let mut place = |index: u32, code: CodeRef| {
        if let Some(place) = places.get_mut(index as usize) {
            *place = code;
        }
    };
    machine
        .load_module(&module, FIRST_TOKEN, &mut place)
        .map_err(BootError::Load)?;
    name_sources(machine, &module)?;
    let mut tables = [None; MAX_FUNCTIONS];
    for (table, lines) in tables.iter_mut().zip(module.lines()) {
        *table = Some(lines);
    }
    let mut functions = 0;
    let mut buffer = [0; ORIGIN_LIMIT];
    for word in module.words() {
        let code = word
            .function
            .and_then(|index| places.get(index as usize))
            .copied();
        let list = FORTH_LIST + i64::from(word.flags >> LIST_SHIFT);
        let flags = u64::from(word.flags & ((1 << LIST_SHIFT) - 1));
        let stands_for = if flags & VOCABULARY == 0 {
            0
        } else {
            word.body
        };
        while create_lists(machine, list.max(stands_for.min(MAX_LISTS)))? == Step::Collect {
            machine.collect()?;
        }
        let own = code.and_then(|code| machine.header(code));
        let before = own.map_or(functions, |header| header.id);
        functions = own.map_or(functions, |header| header.id + 1);
        let table = word.function.and_then(|index| tables.get(index as usize));
        let origin = origin_of(before, table.copied().flatten(), &mut buffer);
        let new = NewWord {
            name: word.name,
            list,
            flags,
            code,
            body: word.body,
            here,
            origin: origin.bytes(),
        };
        let token = loop {
            match add(machine, &new)? {
                Ok(token) => break token,
                Err(_) => machine.collect()?,
            }
        };
        if stands_for != 0 {
            while stand_for(machine, token, stands_for)? == Step::Collect {
                machine.collect()?;
            }
        }
    }
    seal_dictionary(machine);
    let own = machine.functions();
    machine.set_user(OWN_FUNCTIONS, own.into());
    machine.set_cell(user::CURRENT, FORTH_LIST)?;
    machine.set_cell(user::ORDER_COUNT, 1)?;
    machine.set_cell(ORDER, FORTH_LIST)?;
    machine.set_cell(user::BASE, 10)?;
    machine.set_cell(user::HERE, here)?;
    machine.set_cell(user::PRECISION, PRECISION)?;
    machine.set_cell(user::LATEST, NO_TOKEN)?;
    machine.set_user(MODE, mode.bits());
    let entry = places
        .get(module.entry as usize)
        .copied()
        .ok_or(Trap::INVALID_CODE)?;
    machine.start(entry)?;
    Ok(())
}

/// Gives the sources of the core words the numbers that their line tables have for them: the order of
/// the module, whose first source stands for the console and so for nothing.
fn name_sources(machine: &mut Machine<'_, '_>, module: &Module<'_>) -> Result<(), BootError> {
    for name in module.sources().skip(1) {
        while number_of_source(machine, name)?.is_err() {
            machine.collect()?;
        }
    }
    Ok(())
}

/// The origin of a core word that was made when there were `functions` functions, and whose own has this
/// line table.
fn origin_of<'a>(
    functions: u32,
    lines: Option<Lines<'_>>,
    out: &'a mut [u8; ORIGIN_LIMIT],
) -> OriginWriter<'a> {
    let position = lines.and_then(|lines| lines.position(0));
    let mut origin = OriginWriter::new(functions, position.unwrap_or_default(), out);
    if let Some(lines) = lines {
        origin.function(|out| {
            let bytes = lines.bytes();
            let room = out.get_mut(..bytes.len());
            room.map_or(0, |out| {
                out.copy_from_slice(bytes);
                bytes.len()
            })
        });
    }
    origin
}
