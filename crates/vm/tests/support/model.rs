//! A second machine, slow and suspicious, written from the instruction table's documentation.
//!
//! It runs a module's functions as they are in the module, and takes nothing for granted that the
//! verifier is there to prove: every cell taken must be the running function's to take, every
//! cell left must fit into the room its region declared, every instruction must be one, and every
//! jump must land on one. Where that does not hold it panics: the verifier has accepted what it
//! should have refused.

use super::host::{End, Limits, Report, Seen};
use super::primitives;
use super::program::{Program, WordSpec};
use stele_bytecode::analysis::{LANES, Lane, LaneEffect};
use stele_bytecode::function::Delta;
use stele_bytecode::instruction::{Flow, Op, Operands};
use stele_vm::Trap;
use stele_vm::float_stack::MAX_FLOATS;
use stele_vm::stacks::{MAX_CELLS, RESERVE};
use stele_vm::value_stack::MAX_VALUES;
use stele_vm::words::flags;

/// Lowest address of data space.
const START: u64 = 4096;

/// What lies on the return stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// A cell of the function that runs above it.
    Cell(u64),
    /// Where to go on when a function returns; the first function returns to nowhere.
    Return(Option<Caller>),
    /// A handler: the depths of data stack and value stack to come back to. It takes two cells.
    Handler(usize, [usize; LANES]),
}

impl Item {
    /// Cells of the return stack that it takes.
    fn cells(self) -> usize {
        match self {
            Self::Handler(..) => 2,
            _ => 1,
        }
    }
}

/// Who called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Caller {
    place: Place,
    /// The caller knows the effect of what it called.
    known: bool,
    /// It knows what that does to the value stack.
    lanes_known: [bool; LANES],
}

/// A place in the code and what its region may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    function: usize,
    at: usize,
    /// Cells of both stacks together that the running region may use, all callers' included.
    bound: usize,
    /// Data stack depth that the running region may reach down to.
    floor: usize,
    /// Depths of the stacks of values and of floats that the running region of their lane may reach
    /// down and up to; none where nothing has looked.
    lanes: [Option<(usize, usize)>; LANES],
    /// The depths of those stacks at the function's entry.
    entries: [usize; LANES],
}

/// Why a step did not simply lead to the next.
enum Stop {
    Trap(Trap),
    Cut,
    End,
}

type Stepped<T> = Result<T, Stop>;

fn trap<T>(trap: Trap) -> Stepped<T> {
    Err(Stop::Trap(trap))
}

/// The model of one instance.
pub(crate) struct Model<'p> {
    program: &'p Program,
    stack: Vec<u64>,
    values: Vec<Seen>,
    floats: Vec<f64>,
    returns: Vec<Item>,
    /// Cells that those take.
    return_cells: usize,
    /// Where among them the handlers are.
    handlers: Vec<usize>,
    data: Vec<u8>,
    place: Place,
    cost: u64,
    allowance: Option<u64>,
    /// Cost when the allowance was given.
    allowed_at: u64,
    cut: u64,
}

impl<'p> Model<'p> {
    /// The program at its beginning, with data space as the machine has it.
    pub(crate) fn new(program: &'p Program, limits: Limits, data: Vec<u8>) -> Self {
        let mut model = Self {
            program,
            stack: Vec::new(),
            values: Vec::new(),
            floats: Vec::new(),
            returns: Vec::new(),
            return_cells: 0,
            handlers: Vec::new(),
            data,
            place: Place {
                function: 0,
                at: 0,
                bound: usize::MAX,
                floor: 0,
                lanes: [None; LANES],
                entries: [0; LANES],
            },
            cost: 0,
            allowance: limits.allowance,
            allowed_at: 0,
            cut: limits.cut,
        };
        let header = program.functions[program.entry as usize].header;
        assert_eq!(
            header.need, 0,
            "the machine refuses to begin with such a function"
        );
        let bound = header.room as usize;
        model.push_item(Item::Return(None));
        model.place = Place {
            function: program.entry as usize,
            at: 0,
            bound,
            floor: 0,
            lanes: [None; LANES],
            entries: [0; LANES],
        };
        model.check_use();
        model.charge_path();
        model.allowed_at = model.cost;
        model
    }

    /// Runs to the end or to the limit.
    pub(crate) fn run(mut self) -> Report {
        loop {
            match self.step() {
                Ok(()) => {}
                Err(Stop::Cut) => return self.report(End::Cut),
                Err(Stop::End) => return self.report(End::Ended(None)),
                Err(Stop::Trap(trap)) => {
                    if !self.throw(trap) {
                        return self.report(End::Ended(Some(trap)));
                    }
                }
            }
        }
    }

    fn report(&self, end: End) -> Report {
        Report {
            end,
            stack: self.stack.iter().map(|cell| cell.cast_signed()).collect(),
            values: self.values.clone(),
            floats: self.floats.iter().map(|float| float.to_bits()).collect(),
            return_depth: self.return_depth(),
            cost: self.cost,
            data: self.data.clone(),
        }
    }

    fn return_depth(&self) -> usize {
        self.return_cells
    }

    fn push_item(&mut self, item: Item) {
        if let Item::Handler(..) = item {
            self.handlers.push(self.returns.len());
        }
        self.return_cells += item.cells();
        self.returns.push(item);
    }

    fn pop_item(&mut self) -> Option<Item> {
        let item = self.returns.pop()?;
        if let Item::Handler(..) = item {
            self.handlers.pop();
        }
        self.return_cells -= item.cells();
        Some(item)
    }

    // What the verifier has to have made sure of.

    /// The running region stays within the room it has declared.
    fn check_use(&self) {
        let used = self.stack.len() + self.return_depth();
        assert!(
            used <= self.place.bound,
            "{:?} uses {used} cells of {}",
            self.place,
            self.place.bound
        );
    }

    fn word(&self, offset: usize) -> u32 {
        let code = &self.program.functions[self.place.function].code;
        let at = self.place.at + offset;
        *code
            .get(at)
            .unwrap_or_else(|| panic!("{:?} runs past its end", self.place))
    }

    fn pop(&mut self) -> u64 {
        assert!(
            self.stack.len() > self.place.floor,
            "{:?} takes what its region does not need",
            self.place
        );
        self.stack.pop().expect("the floor is not below the bottom")
    }

    fn push(&mut self, cell: u64) {
        self.stack.push(cell);
    }

    fn pop_value(&mut self) -> Seen {
        let (floor, _) = self.place.lanes[0].unwrap_or_else(|| {
            panic!("{:?} takes a value and nothing has looked", self.place);
        });
        assert!(
            self.values.len() > floor,
            "{:?} takes a value that its region does not need",
            self.place
        );
        self.values
            .pop()
            .expect("the floor is not below the bottom")
    }

    fn push_value(&mut self, value: Seen) {
        let (_, bound) = self.place.lanes[0].unwrap_or_else(|| {
            panic!("{:?} leaves a value and nothing has looked", self.place);
        });
        self.values.push(value);
        assert!(
            self.values.len() <= bound,
            "{:?} leaves a value for which its region has no room",
            self.place
        );
    }

    fn pop_float(&mut self) -> f64 {
        let (floor, _) = self.place.lanes[1].unwrap_or_else(|| {
            panic!("{:?} takes a float and nothing has looked", self.place);
        });
        assert!(
            self.floats.len() > floor,
            "{:?} takes a float that its region does not need",
            self.place
        );
        self.floats
            .pop()
            .expect("the floor is not below the bottom")
    }

    /// Leaves a float; what is no number becomes the one there is.
    fn push_float(&mut self, float: f64) {
        let (_, bound) = self.place.lanes[1].unwrap_or_else(|| {
            panic!("{:?} leaves a float and nothing has looked", self.place);
        });
        let bits = if float.is_nan() {
            0x7FF8 << 48
        } else {
            float.to_bits()
        };
        self.floats.push(f64::from_bits(bits));
        assert!(
            self.floats.len() <= bound,
            "{:?} leaves a float for which its region has no room",
            self.place
        );
    }

    /// Depth of a lane's stack.
    fn lane_depth(&self, lane: Lane) -> usize {
        match lane {
            Lane::Values => self.values.len(),
            Lane::Floats => self.floats.len(),
        }
    }

    /// The cell of this function's own at `index` from the top of the return stack.
    fn own(&mut self, index: usize) -> &mut u64 {
        let place = self.place;
        let top = self.returns.len();
        let frame = &mut self.returns[top.checked_sub(index + 1).expect("there is an item")..];
        // All above it are this function's own too, or the index would have met something else.
        assert!(
            frame.iter().all(|item| matches!(item, Item::Cell(_))),
            "{place:?} reads what it did not put on the return stack"
        );
        match &mut frame[0] {
            Item::Cell(cell) => cell,
            _ => unreachable!("all of them are cells"),
        }
    }

    fn pop_own(&mut self) -> u64 {
        let cell = *self.own(0);
        self.pop_item();
        cell
    }

    fn push_own(&mut self, cell: u64) {
        self.push_item(Item::Cell(cell));
    }

    // Cost, and the places where an instance may be stopped.

    /// Cost of the path that begins here: up to and including what jumps, branches or ends.
    fn charge_path(&mut self) {
        let code = &self.program.functions[self.place.function].code;
        let mut at = self.place.at;
        while let Some(word) = code.get(at) {
            let op = Op::decode(*word).expect("a path is made of instructions");
            self.cost += match op {
                Op::Primitive => {
                    let number = (word >> 16) as usize;
                    u64::from(primitives::PRIMITIVES[number].effect.cost)
                }
                _ => u64::from(op.cost()),
            };
            if matches!(op.flow(), Flow::Jump | Flow::Branch | Flow::End) {
                return;
            }
            at += op.words();
        }
    }

    fn has_handler(&self) -> bool {
        !self.handlers.is_empty()
    }

    fn safepoint(&mut self) -> Stepped<()> {
        let spent = self
            .allowance
            .is_some_and(|allowance| self.cost - self.allowed_at > allowance);
        if spent && self.has_handler() {
            self.allowance = None;
            self.throw(Trap::BUDGET_SPENT);
        }
        if self.cost > self.cut {
            return Err(Stop::Cut);
        }
        Ok(())
    }

    // Calls.

    /// Traps if `room` more cells would go beyond what both stacks may hold.
    fn ensure(&self, room: usize) -> Stepped<()> {
        let (depth, return_depth) = (self.stack.len(), self.return_depth());
        if depth + return_depth + 1 + room <= MAX_CELLS {
            Ok(())
        } else if depth >= return_depth {
            trap(Trap::STACK_OVERFLOW)
        } else {
            trap(Trap::RETURN_STACK_OVERFLOW)
        }
    }

    /// Calls a function whose room is there.
    fn enter(&mut self, function: usize, known: bool, lanes_known: [bool; LANES]) -> Stepped<()> {
        let header = self.program.functions[function].header;
        let used = self.stack.len() + self.return_depth();
        let floor = self
            .stack
            .len()
            .checked_sub(usize::from(header.need))
            .unwrap_or_else(|| panic!("{:?} calls what needs more cells", self.place));
        let place = self.place;
        self.push_item(Item::Return(Some(Caller {
            place,
            known,
            lanes_known,
        })));
        self.place = Place {
            function,
            at: 0,
            bound: used + header.room as usize,
            floor,
            lanes: [None; LANES],
            entries: Lane::ALL.map(|lane| self.lane_depth(lane)),
        };
        self.check_use();
        self.charge_path();
        self.safepoint()
    }

    /// Calls a function as an instruction does.
    fn call(&mut self, function: usize) -> Stepped<()> {
        let header = self.program.functions[function].header;
        // The caller's region must not rely on cells that are not its own.
        let need = usize::from(header.need);
        assert!(
            self.stack.len() >= self.place.floor + need,
            "{:?} calls what needs more than its region",
            self.place
        );
        self.ensure(header.room as usize)?;
        let is_static = |delta| matches!(delta, Delta::Static(_));
        self.enter(
            function,
            is_static(header.delta),
            Lane::ALL.map(|lane| is_static(lane.of_header(&header))),
        )
    }

    fn word_of(&self, token: u64) -> Stepped<WordSpec> {
        let mut token = token;
        for _ in 0..64 {
            let word = usize::try_from(token)
                .ok()
                .and_then(|token| self.program.words.get(token));
            let Some(word) = word else {
                return trap(Trap::STALE_TOKEN);
            };
            if word.flags & flags::DEFERRED == 0 {
                return Ok(*word);
            }
            token = word.body.cast_unsigned();
        }
        trap(Trap::RECURSION)
    }

    /// Calls the word of a token; with a handler's record first, if so.
    fn execute(&mut self, token: u64, guarded: bool) -> Stepped<()> {
        let word = self.word_of(token)?;
        let body = (word.flags & flags::BODY != 0).then_some(word.body);
        let pushed = usize::from(body.is_some());
        let header = word
            .function
            .map(|index| self.program.functions[index as usize].header);
        let (need, room) = header.map_or((0, 1), |header| (header.need.into(), header.room));
        if self.stack.len() + pushed < need {
            return trap(Trap::STACK_UNDERFLOW);
        }
        self.ensure(room as usize + pushed + if guarded { 2 } else { 0 })?;
        if guarded {
            self.push_item(Item::Handler(
                self.stack.len(),
                Lane::ALL.map(|lane| self.lane_depth(lane)),
            ));
        }
        if let Some(body) = body {
            self.push(body.cast_unsigned());
        }
        match word.function {
            None => {
                self.place.lanes = [None; LANES];
                Ok(())
            }
            Some(index) => self.enter(index as usize, false, [false; LANES]),
        }
    }

    /// Calls a word with a handler under it; what goes wrong before it begins is caught as well.
    fn catch(&mut self, token: u64) -> Stepped<()> {
        self.ensure(3)?;
        match self.execute(token, true) {
            Err(Stop::Trap(trap)) => {
                // Past the exit, which is one word.
                self.place.at += 1;
                self.stack.push(trap.0.cast_unsigned());
                Ok(())
            }
            entered => entered,
        }
    }

    fn throw(&mut self, trap: Trap) -> bool {
        let found = match trap {
            Trap::QUIT => self.handlers.first(),
            _ => self.handlers.last(),
        };
        let Some(index) = found.copied() else {
            return false;
        };
        let Item::Handler(depth, [value_depth, float_depth]) = self.returns[index] else {
            panic!("a handler is where it was put");
        };
        let Item::Return(Some(guarded)) = self.returns[index + 1] else {
            panic!("behind a handler's record there is the call that it guards");
        };
        while self.returns.len() > index {
            self.pop_item();
        }
        let full = self.stack.len() > MAX_CELLS - RESERVE;
        let trap = if trap == Trap::QUIT && full {
            Trap::STACK_OVERFLOW
        } else {
            trap
        };
        if trap != Trap::QUIT {
            self.stack.resize(depth, 0);
            self.values.resize(value_depth, Seen::Nil);
            self.floats.resize(float_depth, 0.0);
        }
        self.place = guarded.place;
        self.place.lanes = [None; LANES];
        let op = Op::decode(self.word(0));
        assert_eq!(
            op,
            Some(Op::CatchExit),
            "the guarded call returns to its exit"
        );
        self.place.at += 1;
        self.stack.push(trap.0.cast_unsigned());
        // A check stands there, which bounds the region that begins.
        assert_eq!(Op::decode(self.word(0)), Some(Op::Check));
        true
    }

    // Jumps.

    fn jump(&mut self, taken: bool, words: usize) -> Stepped<()> {
        if !taken {
            self.place.at += words;
            self.charge_path();
            return Ok(());
        }
        let distance = self.word(1).cast_signed();
        self.place.at = self
            .place
            .at
            .checked_add_signed(distance as isize)
            .expect("a jump leads into its function");
        self.charge_path();
        if distance <= 0 {
            self.safepoint()
        } else {
            Ok(())
        }
    }

    // Data space.

    fn address(&self, address: u64, length: u64) -> Stepped<usize> {
        let offset = address.wrapping_sub(START);
        let end = u128::from(offset) + u128::from(length);
        if end <= self.data.len() as u128 {
            Ok(offset as usize)
        } else {
            trap(Trap::INVALID_ADDRESS)
        }
    }

    fn load(&self, address: u64) -> Stepped<u64> {
        let at = self.address(address, 8)?;
        let bytes = self.data[at..at + 8].try_into().expect("eight bytes");
        Ok(u64::from_le_bytes(bytes))
    }

    fn store(&mut self, address: u64, cell: u64) -> Stepped<()> {
        let at = self.address(address, 8)?;
        self.data[at..at + 8].copy_from_slice(&cell.to_le_bytes());
        Ok(())
    }

    fn load_byte(&self, address: u64) -> Stepped<u64> {
        Ok(u64::from(self.data[self.address(address, 1)?]))
    }

    fn store_byte(&mut self, address: u64, cell: u64) -> Stepped<()> {
        let at = self.address(address, 1)?;
        self.data[at] = cell as u8;
        Ok(())
    }

    /// Interprets one instruction. One that traps has not begun, unless it is a call, a primitive or
    /// a throw.
    fn step(&mut self) -> Stepped<()> {
        const MOST_TAKEN: usize = 8;
        let depth = self.stack.len();
        let top = self.stack[depth.saturating_sub(MOST_TAKEN)..].to_vec();
        let float = self.floats.last().copied();
        let op = Op::decode(self.word(0));
        let result = self.interpret();
        let begins = matches!(
            op,
            Some(Op::Execute | Op::CallWord | Op::CatchEnter | Op::Primitive | Op::Throw)
        );
        if matches!(result, Err(Stop::Trap(_))) && !begins {
            self.stack.truncate(depth - top.len());
            self.stack.extend(top);
            // Of floats, only one that was to be stored has been taken.
            if op == Some(Op::FStore) {
                self.floats.extend(float);
            }
        }
        result
    }

    fn interpret(&mut self) -> Stepped<()> {
        let first = self.word(0);
        let op = Op::decode(first).unwrap_or_else(|| panic!("{:?} is no instruction", self.place));
        let words = op.words();
        let short = i64::from((first >> 16) as u16 as i16).cast_unsigned();
        let int = |model: &Self| i64::from(model.word(1).cast_signed()).cast_unsigned();
        match op.operands() {
            Operands::Jump | Operands::Branch | Operands::BranchShort => {
                return self.step_jump(op, short);
            }
            _ => {}
        }
        match op {
            Op::Return => return self.step_return(),
            Op::Call => {
                let function = self.word(1) as usize;
                assert!(function < self.program.functions.len(), "{:?}", self.place);
                self.place.at += words;
                return self.call(function);
            }
            Op::CallWord => {
                let token = u64::from(self.word(1));
                self.place.at += words;
                return self.execute(token, false);
            }
            Op::Execute | Op::CatchEnter => {
                let token = self.pop();
                self.place.at += words;
                return match op {
                    Op::CatchEnter => self.catch(token),
                    _ => self.execute(token, false),
                };
            }
            Op::CatchExit => {
                let Some(Item::Handler(..)) = self.pop_item() else {
                    panic!("{:?} leaves a handler that is not there", self.place);
                };
                // The record was longer than this. What the call has left is looked at by the check
                // that follows.
                self.push(0);
                self.place.lanes = [None; LANES];
                self.place.at += 1;
                return Ok(());
            }
            Op::Primitive => return self.step_primitive((first >> 16) as u16),
            Op::Check => {
                let (need, room) = (self.word(1) & 0xFFFF, self.word(1) >> 16);
                let Some(floor) = self.stack.len().checked_sub(need as usize) else {
                    return trap(Trap::STACK_UNDERFLOW);
                };
                self.ensure(room as usize)?;
                self.place.floor = floor;
                self.place.bound = self.stack.len() + self.return_depth() + room as usize;
            }
            Op::CheckValues => {
                let (need, room) = (self.word(1) & 0xFFFF, self.word(1) >> 16);
                let depth = self.values.len();
                let Some(floor) = depth.checked_sub(need as usize) else {
                    return trap(Trap::VALUE_STACK_UNDERFLOW);
                };
                let bound = depth + room as usize;
                if bound > MAX_VALUES {
                    return trap(Trap::VALUE_STACK_OVERFLOW);
                }
                self.place.lanes[0] = Some((floor, bound));
            }
            Op::CheckFloats => {
                let (need, room) = (self.word(1) & 0xFFFF, self.word(1) >> 16);
                let depth = self.floats.len();
                let Some(floor) = depth.checked_sub(need as usize) else {
                    return trap(Trap::FLOAT_STACK_UNDERFLOW);
                };
                let bound = depth + room as usize;
                if bound > MAX_FLOATS {
                    return trap(Trap::FLOAT_STACK_OVERFLOW);
                }
                self.place.lanes[1] = Some((floor, bound));
            }
            Op::Float => {
                let bits = u64::from(self.word(1)) | u64::from(self.word(2)) << 32;
                self.push_float(f64::from_bits(bits));
            }
            Op::Halt => return Err(Stop::End),
            Op::Throw => match self.pop() {
                0 => {}
                code => return trap(Trap(code.cast_signed())),
            },
            Op::Raise => return trap(Trap(short.cast_signed())),
            Op::Locals | Op::LocalFetch | Op::LocalStore | Op::ReturnDrop => {
                self.local(op, (first >> 16) as usize);
            }
            Op::VLocal | Op::VLocalStore | Op::VSlide => {
                self.value_local(op, (first >> 16) as usize);
            }
            Op::Short => self.push(short),
            Op::Int => self.push(int(self)),
            Op::Cell => {
                let cell = u64::from(self.word(1)) | u64::from(self.word(2)) << 32;
                self.push(cell);
            }
            // The machine leaves an address, which no program that is compared may keep.
            Op::Token | Op::Function => self.push(u64::from(self.word(1))),
            Op::ShortAdd => self.push_sum(short),
            Op::IntAdd => self.push_sum(int(self)),
            Op::IntAnd => {
                let cell = self.pop() & int(self);
                self.push(cell);
            }
            Op::IntMul => {
                let product = self.pop().wrapping_mul(int(self));
                self.push(product);
            }
            Op::ShiftLeft => {
                let cell = self.pop() << (short % 64);
                self.push(cell);
            }
            Op::ShiftRight => {
                let cell = self.pop() >> (short % 64);
                self.push(cell);
            }
            Op::ShiftSigned => {
                let cell = self.pop().cast_signed() >> (short % 64);
                self.push(cell.cast_unsigned());
            }
            Op::AddAt => {
                let cell = self.load(int(self))?;
                self.push_sum(cell);
            }
            Op::SwapShortAdd => {
                let (b, a) = (self.pop(), self.pop());
                self.stack.extend([b, a.wrapping_add(short)]);
            }
            Op::UnderShortAdd => {
                let (b, a) = (self.pop(), self.pop());
                self.stack.extend([a.wrapping_add(short), b]);
            }
            Op::IFetch => {
                let address = self.index(0).wrapping_add(int(self));
                let cell = self.load(address)?;
                self.push(cell);
            }
            Op::IStore => {
                let (cell, address) = (self.pop(), self.index(0).wrapping_add(int(self)));
                self.store(address, cell)?;
            }
            Op::FetchAt => {
                let cell = self.load(int(self))?;
                self.push(cell);
            }
            Op::StoreAt => {
                let cell = self.pop();
                self.store(int(self), cell)?;
            }
            Op::PlusStoreAt => {
                let (cell, address) = (self.pop(), int(self));
                let sum = self.load(address)?.wrapping_add(cell);
                self.store(address, sum)?;
            }
            Op::ByteFetchOff => {
                let address = self.pop().wrapping_add(int(self));
                let cell = self.load_byte(address)?;
                self.push(cell);
            }
            Op::FetchOff => {
                let address = self.pop().wrapping_add(int(self));
                let cell = self.load(address)?;
                self.push(cell);
            }
            Op::ByteStoreOff => {
                let address = self.pop().wrapping_add(int(self));
                let cell = self.pop();
                self.store_byte(address, cell)?;
            }
            Op::IInt => {
                let sum = self.index(0).wrapping_add(int(self));
                self.push(sum);
            }
            Op::ICellsInt => {
                let sum = self.index_cells().wrapping_add(int(self));
                self.push(sum);
            }
            Op::IByteFetch => {
                let address = self.index(0).wrapping_add(int(self));
                let cell = self.load_byte(address)?;
                self.push(cell);
            }
            Op::IByteStore => {
                let (cell, address) = (self.pop(), self.index(0).wrapping_add(int(self)));
                self.store_byte(address, cell)?;
            }
            Op::ICellFetch => {
                let address = self.index_cells().wrapping_add(int(self));
                let cell = self.load(address)?;
                self.push(cell);
            }
            Op::ICellStore => {
                let (cell, address) = (self.pop(), self.index_cells().wrapping_add(int(self)));
                self.store(address, cell)?;
            }
            _ => self.plain(op)?,
        }
        self.place.at += words;
        self.check_use();
        Ok(())
    }

    fn push_sum(&mut self, number: u64) {
        let sum = self.pop().wrapping_add(number);
        self.push(sum);
    }

    fn step_return(&mut self) -> Stepped<()> {
        let Some(Item::Return(back)) = self.pop_item() else {
            panic!(
                "{:?} returns with something on the return stack",
                self.place
            );
        };
        let Some(back) = back else {
            return Err(Stop::End);
        };
        let Caller {
            place,
            known,
            lanes_known,
        } = back;
        let header = self.program.functions[self.place.function].header;
        for lane in Lane::ALL {
            if let Delta::Static(change) = lane.of_header(&header) {
                assert_eq!(
                    self.place.entries[lane as usize].checked_add_signed(change.into()),
                    Some(self.lane_depth(lane)),
                    "{:?} leaves other {lane:?} than it declares",
                    self.place
                );
            }
        }
        self.place = place;
        for (lane, known) in self.place.lanes.iter_mut().zip(lanes_known) {
            if !known {
                *lane = None;
            }
        }
        if known {
            // The caller goes on in its region, so what the callee has left is part of that.
            self.check_use();
        }
        Ok(())
    }

    fn step_jump(&mut self, op: Op, short: u64) -> Stepped<()> {
        let words = op.words();
        let signed = u64::cast_signed;
        let taken = match op {
            Op::Jump => true,
            Op::JumpIfZero => self.pop() == 0,
            Op::JumpIfNotZero => self.pop() != 0,
            Op::JumpUnlessEqual => self.pop() != self.pop(),
            Op::JumpIfEqual => self.pop() == self.pop(),
            Op::JumpUnlessLess => {
                let (b, a) = (signed(self.pop()), signed(self.pop()));
                a >= b
            }
            Op::JumpUnlessGreater => {
                let (b, a) = (signed(self.pop()), signed(self.pop()));
                a <= b
            }
            Op::JumpUnlessBelow => {
                let (b, a) = (self.pop(), self.pop());
                a >= b
            }
            Op::JumpIfLess => {
                let (b, a) = (signed(self.pop()), signed(self.pop()));
                a < b
            }
            Op::JumpIfGreater => {
                let (b, a) = (signed(self.pop()), signed(self.pop()));
                a > b
            }
            Op::JumpUnlessNegative => signed(self.pop()) >= 0,
            Op::JumpUnlessEqualShort => self.pop() != short,
            Op::JumpIfEqualShort => self.pop() == short,
            Op::JumpUnlessLessShort => signed(self.pop()) >= signed(short),
            Op::JumpUnlessGreaterShort => signed(self.pop()) <= signed(short),
            Op::JumpUnlessBelowShort => self.pop() >= short,
            Op::JumpDupUnlessEqualShort => self.look() != short,
            Op::JumpDupIfEqualShort => self.look() == short,
            Op::JumpDupUnlessLessShort => signed(self.look()) >= signed(short),
            Op::JumpDupUnlessGreaterShort => signed(self.look()) <= signed(short),
            Op::JumpDupUnlessBelowShort => self.look() >= short,
            Op::JumpUnlessBits => self.pop() & short == 0,
            Op::JumpIfBits => self.pop() & short != 0,
            Op::JumpDupUnlessBits => self.look() & short == 0,
            Op::JumpDupIfBits => self.look() & short != 0,
            Op::JumpIfDupZero => self.look() == 0,
            Op::JumpIfDupNotZero => self.look() != 0,
            Op::JumpTakingZero => {
                let zero = self.look() == 0;
                if zero {
                    self.pop();
                }
                zero
            }
            Op::QuestionDo => {
                let (start, limit) = (self.pop(), self.pop());
                if start != limit {
                    self.begin_loop(limit, start);
                }
                start == limit
            }
            Op::Loop => self.end_loop(1),
            Op::PlusLoop => {
                let step = self.pop();
                self.end_loop(step)
            }
            _ => panic!("{op:?} is no jump that the model knows"),
        };
        self.jump(taken, words)?;
        self.check_use();
        Ok(())
    }

    fn look(&mut self) -> u64 {
        let cell = self.pop();
        self.push(cell);
        cell
    }

    // A loop's parameters: two cells whose sum is the index, the upper one so far below the limit
    // that it overflows, as a signed number, where the index crosses the limit.

    fn begin_loop(&mut self, limit: u64, start: u64) {
        let offset = limit.wrapping_add(1 << 63);
        self.push_own(offset);
        self.push_own(start.wrapping_sub(offset));
    }

    fn index(&mut self, loops: usize) -> u64 {
        let (upper, lower) = (*self.own(2 * loops), *self.own(2 * loops + 1));
        upper.wrapping_add(lower)
    }

    fn index_cells(&mut self) -> u64 {
        self.index(0).wrapping_mul(8)
    }

    /// True if the loop goes on.
    fn end_loop(&mut self, step: u64) -> bool {
        let biased = *self.own(0);
        // Both are of the frame even where only the upper one is used.
        let _ = self.own(1);
        let sum = i128::from(biased.cast_signed()) + i128::from(step.cast_signed());
        if i64::try_from(sum).is_err() {
            self.pop_own();
            self.pop_own();
            return false;
        }
        *self.own(0) = sum as u64;
        true
    }

    fn step_primitive(&mut self, number: u16) -> Stepped<()> {
        match number {
            primitives::NOP => {}
            primitives::PAIR => {
                self.push(7);
                self.push(8);
            }
            primitives::SUM => {
                let (b, a) = (self.pop(), self.pop());
                self.push(a.wrapping_add(b));
            }
            primitives::WORK => {
                let left = self.pop();
                let piece = left.min(primitives::PIECE);
                self.cost += piece;
                if left > piece {
                    self.push(left - piece);
                    return self.safepoint();
                }
            }
            primitives::SOME => {
                let n = self.pop();
                for _ in 0..n & 3 {
                    // The machine makes room for each; nothing else is bounded until the check.
                    self.ensure(1)?;
                    self.push(n);
                }
                self.place.at += 1;
                return Ok(());
            }
            primitives::FAIL => match self.pop() {
                0 => {}
                code => return trap(Trap(code.cast_signed())),
            },
            primitives::TURN => {
                let (c, b, a) = (self.pop(), self.pop(), self.pop());
                self.stack.extend([c, b, a]);
            }
            primitives::TEXT => {
                let number = self.pop();
                self.push_value(Seen::Text(number.cast_signed()));
            }
            primitives::SECOND => {
                let second = self.pop_value();
                self.pop_value();
                self.push_value(second);
            }
            primitives::COPIES => {
                let count = self.pop() & 3;
                let value = self.pop_value();
                if self.values.len() + 4 > MAX_VALUES {
                    return trap(Trap::VALUE_STACK_OVERFLOW);
                }
                for _ in 0..count {
                    self.values.push(value);
                }
                self.place.lanes[0] = None;
            }
            primitives::MEAN => {
                let (b, a) = (self.pop_float(), self.pop_float());
                self.push_float((a + b) / 2.0);
            }
            primitives::REPEATS => {
                let count = self.pop() & 3;
                let float = self.pop_float();
                if self.floats.len() + count as usize > MAX_FLOATS {
                    return trap(Trap::FLOAT_STACK_OVERFLOW);
                }
                for _ in 0..count {
                    self.floats.push(float);
                }
                self.place.lanes[1] = None;
            }
            primitives::NEVER => return trap(Trap(-1000)),
            other => panic!("the model has no primitive {other}"),
        }
        self.place.at += 1;
        self.check_use();
        Ok(())
    }

    /// Instructions on as many of the function's own cells as they say.
    fn local(&mut self, op: Op, cells: usize) {
        match op {
            Op::Locals => {
                let mut taken: Vec<u64> = (0..cells).map(|_| self.pop()).collect();
                while let Some(cell) = taken.pop() {
                    self.push_own(cell);
                }
            }
            Op::LocalFetch => {
                let cell = *self.own(cells);
                self.push(cell);
            }
            Op::LocalStore => {
                let cell = self.pop();
                *self.own(cells) = cell;
            }
            _ => {
                for _ in 0..cells {
                    self.pop_own();
                }
            }
        }
    }

    /// Instructions without operands that neither jump nor call.
    fn plain(&mut self, op: Op) -> Stepped<()> {
        let flag = |truth: bool| if truth { u64::MAX } else { 0 };
        let signed = u64::cast_signed;
        match op {
            Op::Do => {
                let (start, limit) = (self.pop(), self.pop());
                self.begin_loop(limit, start);
            }
            Op::Unloop => {
                self.pop_own();
                self.pop_own();
            }
            Op::I => {
                let index = self.index(0);
                self.push(index);
            }
            Op::J => {
                let index = self.index(1);
                self.push(index);
            }
            Op::ICells => {
                let cells = self.index_cells();
                self.push(cells);
            }
            Op::IAdd => {
                let sum = self.pop().wrapping_add(self.index(0));
                self.push(sum);
            }
            Op::ICellsAdd => {
                let sum = self.pop().wrapping_add(self.index_cells());
                self.push(sum);
            }
            Op::ToR => {
                let cell = self.pop();
                self.push_own(cell);
            }
            Op::RFrom => {
                let cell = self.pop_own();
                self.push(cell);
            }
            Op::RFetch => {
                let cell = *self.own(0);
                self.push(cell);
            }
            Op::TwoToR => {
                let (b, a) = (self.pop(), self.pop());
                self.push_own(a);
                self.push_own(b);
            }
            Op::TwoRFrom => {
                let (b, a) = (self.pop_own(), self.pop_own());
                self.stack.extend([a, b]);
            }
            Op::TwoRFetch => {
                let (b, a) = (*self.own(0), *self.own(1));
                self.stack.extend([a, b]);
            }
            Op::RFromAdd => {
                let sum = self.pop().wrapping_add(self.pop_own());
                self.push(sum);
            }
            Op::RFromSwap => {
                let (cell, top) = (self.pop_own(), self.pop());
                self.stack.extend([cell, top]);
            }
            Op::IAddByteFetch => {
                let address = self.pop().wrapping_add(self.index(0));
                let cell = self.load_byte(address)?;
                self.push(cell);
            }
            Op::IAddFetch => {
                let address = self.pop().wrapping_add(self.index(0));
                let cell = self.load(address)?;
                self.push(cell);
            }
            Op::DupToR => {
                let cell = self.look();
                self.push_own(cell);
            }
            Op::Depth => self.push(self.stack.len() as u64),
            Op::Pick => {
                let index = self.pop();
                let below = usize::try_from(index).unwrap_or(usize::MAX);
                let Some(at) = self.stack.len().checked_sub(below.saturating_add(1)) else {
                    return trap(Trap::STACK_UNDERFLOW);
                };
                self.push(self.stack[at]);
            }
            Op::QuestionDup => {
                let cell = self.look();
                if cell != 0 {
                    self.push(cell);
                }
            }
            Op::Fetch | Op::DupFetch | Op::OverFetch | Op::AddFetch => {
                let address = match op {
                    Op::Fetch => self.pop(),
                    Op::DupFetch => self.look(),
                    Op::OverFetch => {
                        let (b, a) = (self.pop(), self.pop());
                        self.stack.extend([a, b]);
                        a
                    }
                    _ => self.pop().wrapping_add(self.pop()),
                };
                let cell = self.load(address)?;
                self.push(cell);
            }
            Op::ByteFetch => {
                let address = self.pop();
                let cell = self.load_byte(address)?;
                self.push(cell);
            }
            Op::AddByteFetch => {
                let address = self.pop().wrapping_add(self.pop());
                let cell = self.load_byte(address)?;
                self.push(cell);
            }
            Op::Store => {
                let (address, cell) = (self.pop(), self.pop());
                self.store(address, cell)?;
            }
            Op::SwapStore => {
                let (cell, address) = (self.pop(), self.pop());
                self.store(address, cell)?;
            }
            Op::SwapByteStore => {
                let (cell, address) = (self.pop(), self.pop());
                self.store_byte(address, cell)?;
            }
            Op::ByteStore => {
                let (address, cell) = (self.pop(), self.pop());
                self.store_byte(address, cell)?;
            }
            Op::PlusStore => {
                let (address, cell) = (self.pop(), self.pop());
                let sum = self.load(address)?.wrapping_add(cell);
                self.store(address, sum)?;
            }
            Op::TwoFetch => {
                let address = self.pop();
                let (first, second) = (self.load(address)?, self.load(address.wrapping_add(8))?);
                self.stack.extend([second, first]);
            }
            Op::TwoStore => {
                let (address, b, a) = (self.pop(), self.pop(), self.pop());
                // Both have to be there before either is written.
                self.load(address.wrapping_add(8))?;
                self.store(address, b)?;
                self.store(address.wrapping_add(8), a)?;
            }
            Op::Div | Op::Mod | Op::DivMod => {
                let (b, a) = (signed(self.pop()), signed(self.pop()));
                let (remainder, quotient) = floored(i128::from(a), i128::from(b))?;
                self.leave_division(op == Op::Div, op == Op::Mod, remainder, quotient);
            }
            Op::MulDiv | Op::MulDivMod => {
                let (c, b, a) = (signed(self.pop()), signed(self.pop()), signed(self.pop()));
                let product = i128::from(a) * i128::from(b);
                let (remainder, quotient) = floored(product, i128::from(c))?;
                self.leave_division(op == Op::MulDiv, false, remainder, quotient);
            }
            Op::FloorDivWide | Op::SymmetricDivWide => {
                let (divisor, dividend) = (signed(self.pop()), self.pop_double());
                let (dividend, divisor) = (dividend.cast_signed(), i128::from(divisor));
                let (remainder, quotient) = match op {
                    Op::FloorDivWide => floored(dividend, divisor)?,
                    _ => symmetric(dividend, divisor)?,
                };
                self.leave_division(false, false, remainder, quotient);
            }
            Op::UDivWide => {
                let (divisor, dividend) = (u128::from(self.pop()), self.pop_double());
                let quotient = dividend.checked_div(divisor);
                let Some(quotient) = quotient else {
                    return trap(Trap::DIVISION_BY_ZERO);
                };
                if quotient > u128::from(u64::MAX) {
                    return trap(Trap::OUT_OF_RANGE);
                }
                self.push((dividend - quotient * divisor) as u64);
                self.push(quotient as u64);
            }
            Op::UMulWide => {
                let product = u128::from(self.pop()) * u128::from(self.pop());
                self.push_double(product);
            }
            Op::MulWide => {
                let (b, a) = (signed(self.pop()), signed(self.pop()));
                self.push_double((i128::from(a) * i128::from(b)).cast_unsigned());
            }
            Op::DAdd => {
                let sum = self.pop_double().wrapping_add(self.pop_double());
                self.push_double(sum);
            }
            Op::DSub => {
                let (b, a) = (self.pop_double(), self.pop_double());
                self.push_double(a.wrapping_sub(b));
            }
            Op::DNegate => {
                let double = self.pop_double();
                self.push_double(0_u128.wrapping_sub(double));
            }
            Op::Within => {
                let (c, b, a) = (self.pop(), self.pop(), self.pop());
                self.push(flag(a.wrapping_sub(b) < c.wrapping_sub(b)));
            }
            Op::VDepth => self.push(self.values.len() as u64),
            Op::VPick => {
                let index = self.pop();
                let below = usize::try_from(index).unwrap_or(usize::MAX);
                let Some(at) = self.values.len().checked_sub(below.saturating_add(1)) else {
                    return trap(Trap::VALUE_STACK_UNDERFLOW);
                };
                self.push_value(self.values[at]);
            }
            Op::ToV => {
                let cell = self.pop();
                self.push_value(Seen::Integer(cell.cast_signed()));
            }
            Op::VFrom => match self.pop_value() {
                Seen::Integer(integer) => self.push(integer.cast_unsigned()),
                other => {
                    self.push_value(other);
                    return trap(Trap::WRONG_KIND);
                }
            },
            _ if op.lane(Lane::Floats) != LaneEffect::NONE || op == Op::FDepth => {
                self.float(op)?;
            }
            _ if op.lane(Lane::Values) != LaneEffect::NONE => self.along(op),
            _ => self.small(op),
        }
        Ok(())
    }

    /// Instructions on values by their place; each but `vslide` counts from the top.
    fn value_local(&mut self, op: Op, count: usize) {
        let reached = match op {
            Op::VLocalStore => count + 2,
            _ => count + 1,
        };
        let mut values: Vec<Seen> = (0..reached).map(|_| self.pop_value()).collect();
        // The top comes first.
        match op {
            Op::VLocal => values.insert(0, values[count]),
            Op::VLocalStore => {
                values[count + 1] = values[0];
                values.remove(0);
            }
            _ => values.truncate(1),
        }
        for value in values.into_iter().rev() {
            self.push_value(value);
        }
    }

    /// Instructions that only move values.
    fn along(&mut self, op: Op) {
        let need = op.lane(Lane::Values).need;
        let mut taken: Vec<Seen> = (0..need).map(|_| self.pop_value()).collect();
        taken.reverse();
        let left = match (op, taken.as_slice()) {
            (Op::VDup, &[a]) => vec![a, a],
            (Op::VDrop, [_]) => vec![],
            (Op::VSwap, &[a, b]) => vec![b, a],
            (Op::VOver, &[a, b]) => vec![a, b, a],
            (Op::VNip, &[_, b]) => vec![b],
            (Op::VTuck, &[a, b]) => vec![b, a, b],
            (Op::VRot, &[a, b, c]) => vec![b, c, a],
            _ => panic!("the model does not know {op:?}"),
        };
        for value in left {
            self.push_value(value);
        }
    }

    /// Instructions on floats.
    fn float(&mut self, op: Op) -> Stepped<()> {
        let flag = |truth: bool| if truth { u64::MAX } else { 0 };
        match op {
            Op::FDepth => self.push(self.floats.len() as u64),
            Op::FPick => {
                let below = usize::try_from(self.pop()).unwrap_or(usize::MAX);
                let Some(at) = self.floats.len().checked_sub(below.saturating_add(1)) else {
                    return trap(Trap::FLOAT_STACK_UNDERFLOW);
                };
                self.push_float(self.floats[at]);
            }
            Op::FFetch => {
                let address = self.pop();
                let bits = self.load(address)?;
                self.push_float(f64::from_bits(bits));
            }
            Op::FStore => {
                let (address, float) = (self.pop(), self.pop_float());
                self.store(address, float.to_bits())?;
            }
            Op::SToF => {
                let cell = self.pop().cast_signed();
                self.push_float(cell as f64);
            }
            Op::DToF => {
                let double = self.pop_double().cast_signed();
                self.push_float(double as f64);
            }
            Op::BitsToF => {
                let bits = self.pop();
                self.push_float(f64::from_bits(bits));
            }
            Op::FToBits => {
                let bits = self.pop_float().to_bits();
                self.push(bits);
            }
            Op::FToS => {
                let cell = self.pop_float() as i64;
                self.push(cell.cast_unsigned());
            }
            Op::FToD => {
                let double = self.pop_float() as i128;
                self.push_double(double.cast_unsigned());
            }
            Op::FZeroLess | Op::FZeroEqual => {
                let a = self.pop_float();
                self.push(flag(if op == Op::FZeroLess {
                    a < 0.0
                } else {
                    a == 0.0
                }));
            }
            Op::FLess | Op::FLessEqual | Op::FEqual => {
                let (b, a) = (self.pop_float(), self.pop_float());
                self.push(flag(match op {
                    Op::FLess => a < b,
                    Op::FLessEqual => a <= b,
                    _ => a == b,
                }));
            }
            _ => self.floats_alone(op),
        }
        Ok(())
    }

    /// Instructions that take floats and leave floats.
    fn floats_alone(&mut self, op: Op) {
        let need = op.lane(Lane::Floats).need;
        let mut taken: Vec<f64> = (0..need).map(|_| self.pop_float()).collect();
        taken.reverse();
        let left = match (op, taken.as_slice()) {
            (Op::FDup, &[a]) => vec![a, a],
            (Op::FDrop, [_]) => vec![],
            (Op::FSwap, &[a, b]) => vec![b, a],
            (Op::FOver, &[a, b]) => vec![a, b, a],
            (Op::FNip, &[_, b]) => vec![b],
            (Op::FTuck, &[a, b]) => vec![b, a, b],
            (Op::FRot, &[a, b, c]) => vec![b, c, a],
            (Op::FAdd, &[a, b]) => vec![a + b],
            (Op::FSub, &[a, b]) => vec![a - b],
            (Op::FMul, &[a, b]) => vec![a * b],
            (Op::FDiv, &[a, b]) => vec![a / b],
            (Op::FNegate, &[a]) => vec![-a],
            (Op::FAbs, &[a]) => vec![a.abs()],
            (Op::FSqrt, &[a]) => vec![a.sqrt()],
            (Op::FMin, &[a, b]) => vec![extreme(a, b, a < b, a.is_sign_negative())],
            (Op::FMax, &[a, b]) => vec![extreme(a, b, a > b, a.is_sign_positive())],
            _ => panic!("the model does not know {op:?}"),
        };
        for float in left {
            self.push_float(float);
        }
    }

    fn leave_division(
        &mut self,
        quotient_only: bool,
        remainder_only: bool,
        remainder: u64,
        quotient: u64,
    ) {
        if !quotient_only {
            self.push(remainder);
        }
        if !remainder_only {
            self.push(quotient);
        }
    }

    fn pop_double(&mut self) -> u128 {
        let (high, low) = (self.pop(), self.pop());
        u128::from(low) | u128::from(high) << 64
    }

    fn push_double(&mut self, double: u128) {
        self.push(double as u64);
        self.push((double >> 64) as u64);
    }

    /// Instructions that neither trap nor touch anything but the data stack.
    fn small(&mut self, op: Op) {
        let flag = |truth: bool| if truth { u64::MAX } else { 0 };
        let signed = u64::cast_signed;
        let stack = op.stack();
        let mut taken: Vec<u64> = (0..stack.takes).map(|_| self.pop()).collect();
        taken.reverse();
        let left = match (op, taken.as_slice()) {
            (Op::Drop, [_]) | (Op::TwoDrop, [_, _]) => vec![],
            (Op::Dup, &[a]) => vec![a, a],
            (Op::Swap, &[a, b]) => vec![b, a],
            (Op::Over, &[a, b]) => vec![a, b, a],
            (Op::Nip, &[_, b]) => vec![b],
            (Op::Tuck, &[a, b]) => vec![b, a, b],
            (Op::Rot, &[a, b, c]) => vec![b, c, a],
            (Op::MinusRot, &[a, b, c]) => vec![c, a, b],
            (Op::TwoDup, &[a, b]) => vec![a, b, a, b],
            (Op::TwoSwap, &[a, b, c, d]) => vec![c, d, a, b],
            (Op::TwoOver, &[a, b, c, d]) => vec![a, b, c, d, a, b],
            (Op::Add, &[a, b]) => vec![a.wrapping_add(b)],
            (Op::Sub, &[a, b]) => vec![a.wrapping_sub(b)],
            (Op::Mul, &[a, b]) => vec![a.wrapping_mul(b)],
            (Op::OverAdd, &[a, b]) => vec![a, a.wrapping_add(b)],
            (Op::CellsAdd, &[a, b]) => vec![a.wrapping_add(b.wrapping_mul(8))],
            (Op::Negate, &[a]) => vec![0_u64.wrapping_sub(a)],
            (Op::Abs, &[a]) => vec![signed(a).unsigned_abs()],
            (Op::Min, &[a, b]) => vec![if signed(b) < signed(a) { b } else { a }],
            (Op::Max, &[a, b]) => vec![if signed(b) > signed(a) { b } else { a }],
            (Op::OnePlus, &[a]) => vec![a.wrapping_add(1)],
            (Op::OneMinus, &[a]) => vec![a.wrapping_sub(1)],
            (Op::TwoStar, &[a]) => vec![a.wrapping_mul(2)],
            (Op::TwoSlash, &[a]) => vec![signed(a).div_euclid(2).cast_unsigned()],
            (Op::CellPlus, &[a]) => vec![a.wrapping_add(8)],
            (Op::Cells, &[a]) => vec![a.wrapping_mul(8)],
            (Op::LeftShift, &[a, b]) => {
                let bits = u32::try_from(b).unwrap_or(u32::MAX);
                vec![a.checked_shl(bits).unwrap_or(0)]
            }
            (Op::RightShift, &[a, b]) => {
                let bits = u32::try_from(b).unwrap_or(u32::MAX);
                vec![a.checked_shr(bits).unwrap_or(0)]
            }
            (Op::And, &[a, b]) => vec![a & b],
            (Op::Or, &[a, b]) => vec![a | b],
            (Op::Xor, &[a, b]) => vec![a ^ b],
            (Op::Invert, &[a]) => vec![!a],
            (Op::Equal, &[a, b]) => vec![flag(a == b)],
            (Op::NotEqual, &[a, b]) => vec![flag(a != b)],
            (Op::Less, &[a, b]) => vec![flag(signed(a) < signed(b))],
            (Op::Greater, &[a, b]) => vec![flag(signed(a) > signed(b))],
            (Op::Below, &[a, b]) => vec![flag(a < b)],
            (Op::Above, &[a, b]) => vec![flag(a > b)],
            (Op::ZeroEqual, &[a]) => vec![flag(a == 0)],
            (Op::ZeroNotEqual, &[a]) => vec![flag(a != 0)],
            (Op::ZeroLess, &[a]) => vec![flag(signed(a) < 0)],
            (Op::ZeroGreater, &[a]) => vec![flag(signed(a) > 0)],
            (Op::SignExtend, &[a]) => vec![a, flag(signed(a) < 0)],
            _ => panic!("the model does not know {op:?}"),
        };
        self.stack.extend(left);
    }
}

/// `a` if it is to be taken, or `b`; of equal ones `a` if it has the sign that counts.
fn extreme(a: f64, b: f64, takes_first: bool, sign: bool) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if takes_first || a == b && sign {
        a
    } else {
        b
    }
}

/// Remainder and quotient, the quotient towards minus infinity.
fn floored(a: i128, b: i128) -> Stepped<(u64, u64)> {
    if b == 0 {
        return trap(Trap::DIVISION_BY_ZERO);
    }
    // The one quotient that does not fit into 128 bits does not fit into 64 either.
    let (Some(mut quotient), Some(mut remainder)) =
        (a.checked_div_euclid(b), a.checked_rem_euclid(b))
    else {
        return trap(Trap::OUT_OF_RANGE);
    };
    // Euclid's remainder is never negative, a floored one has the divisor's sign.
    if remainder != 0 && b < 0 {
        quotient -= 1;
        remainder += b;
    }
    fit(remainder, quotient)
}

/// Remainder and quotient, the quotient towards zero.
fn symmetric(a: i128, b: i128) -> Stepped<(u64, u64)> {
    if b == 0 {
        return trap(Trap::DIVISION_BY_ZERO);
    }
    match (a.checked_rem(b), a.checked_div(b)) {
        (Some(remainder), Some(quotient)) => fit(remainder, quotient),
        _ => trap(Trap::OUT_OF_RANGE),
    }
}

fn fit(remainder: i128, quotient: i128) -> Stepped<(u64, u64)> {
    match i64::try_from(quotient) {
        Ok(quotient) => Ok((remainder as u64, quotient.cast_unsigned())),
        Err(_) => trap(Trap::OUT_OF_RANGE),
    }
}
