//! Devices through the one door: limits, names, waiting, rights, and worlds that are saved while they
//! hold devices. The host is a small machine of registers in memory, interrupts that the test raises,
//! and clocks that it sets.

use std::collections::VecDeque;
use std::fmt;

use stele_arbiter::{Arbiter, Awaited, Exit, LoadError, Mode, QUANTUM, RestoreError, Turn};
use stele_hal::{
    Console, Cpu, DeviceError, DeviceRegion, Devices, Files, Input, Line, MAX_LINES, MAX_REGIONS,
    Mapping, Report, Time, Width,
};
use stele_memory::repair_checksum;

/// Words of an arbiter's region.
const WORDS: usize = 1 << 17;

/// Where the machine's registers begin, and how many bytes there are.
const BASE: u64 = 0x9000_0000;
const SIZE: usize = 64;

/// The machine.
#[derive(Default)]
struct Model {
    output: String,
    typed: VecDeque<u8>,
    ctrl_c: bool,
    registers: Vec<u8>,
    mapped: Vec<Option<DeviceRegion>>,
    /// Number of each attached interrupt, and how often it came.
    attached: Vec<Option<(u32, u64)>>,
    /// Interrupts acknowledged.
    acknowledged: u64,
    now: u64,
    wall: Option<u64>,
    sleeps: u64,
}

impl Model {
    fn interrupt(&mut self, number: u32) {
        let entry = self.attached.iter_mut().flatten();
        if let Some((_, count)) = entry.into_iter().find(|(own, _)| *own == number) {
            *count += 1;
        }
    }

    fn used(&self) -> usize {
        self.mapped.iter().flatten().count() + self.attached.iter().flatten().count()
    }

    fn bytes(
        &mut self,
        mapping: Mapping,
        offset: u64,
        width: Width,
    ) -> Result<&mut [u8], DeviceError> {
        let region = self.mapped.get(mapping.0).copied().flatten();
        let region = region.ok_or(DeviceError::NoDevices)?;
        let start = (region.register(offset, width)? - BASE) as usize;
        let bytes = self
            .registers
            .get_mut(start..start + width.bytes() as usize);
        bytes.ok_or(DeviceError::NoAnswer)
    }
}

fn place<T>(places: &mut Vec<Option<T>>, limit: usize, new: T) -> Option<usize> {
    let free = places.iter().position(Option::is_none);
    let place = free.unwrap_or(places.len());
    if place == limit {
        return None;
    }
    places.resize_with(places.len().max(place + 1), || None);
    places[place] = Some(new);
    Some(place)
}

impl Files for Model {}

impl Devices for Model {
    fn map_region(&mut self, region: DeviceRegion) -> Result<Mapping, DeviceError> {
        if region.start < BASE {
            return Err(DeviceError::NotADevice);
        }
        place(&mut self.mapped, MAX_REGIONS, region)
            .map(Mapping)
            .ok_or(DeviceError::TooManyRegions)
    }

    fn unmap_region(&mut self, mapping: Mapping) {
        assert!(self.mapped[mapping.0].take().is_some(), "unmapped twice");
    }

    fn read_register(
        &mut self,
        mapping: Mapping,
        offset: u64,
        width: Width,
    ) -> Result<u64, DeviceError> {
        let bytes = self.bytes(mapping, offset, width)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    fn write_register(
        &mut self,
        mapping: Mapping,
        offset: u64,
        width: Width,
        value: u64,
    ) -> Result<(), DeviceError> {
        let bytes = self.bytes(mapping, offset, width)?;
        bytes.copy_from_slice(&value.to_le_bytes()[..width.bytes() as usize]);
        Ok(())
    }

    fn attach(&mut self, number: u32) -> Result<Line, DeviceError> {
        if self
            .attached
            .iter()
            .flatten()
            .any(|(own, _)| *own == number)
        {
            return Err(DeviceError::InUse);
        }
        place(&mut self.attached, MAX_LINES, (number, 0))
            .map(Line)
            .ok_or(DeviceError::TooManyInterrupts)
    }

    fn detach(&mut self, line: Line) {
        assert!(self.attached[line.0].take().is_some(), "detached twice");
    }

    fn pending(&mut self, line: Line) -> u64 {
        self.attached[line.0].map_or(0, |(_, count)| count)
    }

    fn acknowledge(&mut self, line: Line) {
        self.acknowledged += 1;
        if let Some((_, count)) = &mut self.attached[line.0] {
            *count = 0;
        }
    }

    fn wall_clock_ns(&mut self) -> Result<u64, DeviceError> {
        self.wall.ok_or(DeviceError::TimeUnknown)
    }

    fn set_wall_clock_ns(&mut self, now: u64) -> Result<(), DeviceError> {
        self.wall = Some(now);
        Ok(())
    }

    fn report(&mut self, report: Report, number: u64, out: &mut dyn fmt::Write) -> bool {
        number < 3 && write!(out, "{report:?} line {number}{}", "!".repeat(300)).is_ok()
    }
}

impl Console for Model {
    fn write(&mut self, bytes: &[u8]) {
        self.output += &String::from_utf8_lossy(bytes);
    }

    fn read(&mut self) -> Input {
        self.typed.pop_front().map_or(Input::Empty, Input::Byte)
    }

    fn has_input(&mut self) -> bool {
        !self.typed.is_empty()
    }

    fn take_interrupt(&mut self) -> bool {
        std::mem::take(&mut self.ctrl_c)
    }
}

impl Time for Model {
    fn now_ns(&self) -> u64 {
        self.now
    }
}

impl Cpu for Model {
    fn id(&self) -> u32 {
        0
    }

    fn count(&self) -> u32 {
        1
    }

    fn wait_for_interrupt(&mut self) {
        self.sleeps += 1;
    }

    fn wait_until(&mut self, due_ns: u64) {
        self.sleeps += 1;
        self.now = self.now.max(due_ns);
    }

    fn panic(&mut self, cause: fmt::Arguments<'_>) -> ! {
        panic!("{cause}")
    }
}

/// A system at its prompt, on a model.
struct System<'r> {
    arbiter: Arbiter<'r>,
    model: Model,
}

impl<'r> System<'r> {
    fn new(region: &'r mut [u64]) -> Self {
        let mut arbiter = Arbiter::new(region).expect("the region is large enough");
        arbiter
            .create_root(&[], Mode::default())
            .unwrap_or_else(|error| panic!("{error}"));
        let mut system = Self {
            arbiter,
            model: Model {
                registers: vec![0; SIZE],
                ..Model::default()
            },
        };
        assert_eq!(system.run(), Turn::Waits(Awaited::Input));
        system
    }

    /// Runs until the instance waits or the system is over.
    fn run(&mut self) -> Turn {
        loop {
            match self.arbiter.turn(&mut self.model, QUANTUM) {
                Turn::Ran => {}
                turn => return turn,
            }
        }
    }

    /// Types a line; returns what is said until the next wait.
    fn line(&mut self, line: &str) -> String {
        self.model.output.clear();
        self.model.typed.extend(line.bytes().chain([b'\n']));
        self.run();
        let said = self
            .model
            .output
            .strip_prefix(line)
            .unwrap_or(&self.model.output);
        said.trim().to_owned()
    }

    fn image(&self) -> Vec<u8> {
        let mut image = vec![0; self.arbiter.image_size() as usize];
        self.arbiter.save(&mut image).expect("it fits");
        image
    }
}

#[test]
fn registers_of_each_width_are_read_and_written() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    system.line("hex 90000000 40 map-device constant d");
    system.line("123456789ABCDEF0 8 d dev64! AA 1 d dev8! BBCC 2 d dev16! -1 4 d dev32!");
    assert_eq!(system.line("0 d dev64@ u."), "FFFFFFFFBBCCAA00  ok");
    assert_eq!(
        system.line("8 d dev64@ u. 8 d dev32@ u."),
        "123456789ABCDEF0 9ABCDEF0  ok"
    );
    assert_eq!(system.line("8 d dev16@ u. F d dev8@ u."), "DEF0 12  ok");
    // The low bits alone are written, and nothing beside the register.
    system.line("112233 10 d dev8! 112233 12 d dev16! 1122334455 14 d dev32!");
    assert_eq!(system.line("10 d dev64@ u."), "2233445522330033  ok");
    assert!(system.line("3D d dev32@").ends_with("(-279)"));
    assert!(system.line("1 d dev32@").ends_with("(-280)"));
    assert!(system.line("-1 d dev8@").ends_with("(-279)"));
    assert!(
        system
            .line("90000000 80 map-device 40 swap dev8@")
            .ends_with("(-286)")
    );
}

#[test]
fn regions_and_interrupts_have_their_limits_and_not_one_more() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    system.line("hex : regions 0 do 90000000 1 map-device drop loop ; decimal");
    assert_eq!(system.line("64 regions"), "ok");
    assert!(
        system
            .line("1 regions")
            .contains("unmap one first (-282)\n")
    );
    assert_eq!(system.line("9 unmap-device 1 regions depth ."), "0  ok");
    // Names go on; the one given back is not used again.
    assert!(system.line("9 unmap-device").ends_with("(-271)"));
    assert_eq!(
        system.line(": lines 0 do i attach-irq drop loop ; 32 lines"),
        "ok"
    );
    assert!(
        system
            .line("100 attach-irq")
            .ends_with("detach one first (-283)")
    );
    assert_eq!(system.line("71 detach-irq 100 attach-irq ."), "103  ok");
    assert_eq!(system.model.used(), MAX_REGIONS + MAX_LINES);
    assert!(system.line("caps").contains("103 interrupt: 100"));
}

#[test]
fn an_interrupt_is_waited_for_counted_and_acknowledged() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    assert_eq!(system.line("7 attach-irq constant irq irq irq? ."), "0  ok");
    assert!(system.line("7 attach-irq").ends_with("(-276)"));
    system.line("irq wait-irq .");
    assert_eq!(system.run(), Turn::Waits(Awaited::Interrupt));
    // What is typed meanwhile, and other interrupts, do not end the wait.
    system.model.typed.extend(*b"irq irq? .\n");
    system.model.interrupt(8);
    assert_eq!(system.run(), Turn::Waits(Awaited::Interrupt));
    system.model.output.clear();
    system.model.interrupt(7);
    system.model.interrupt(7);
    assert_eq!(system.run(), Turn::Waits(Awaited::Input));
    assert_eq!(system.model.output, "2  ok\nirq irq? . 2  ok\n");
    assert_eq!(system.line("irq ack-irq irq irq? ."), "0  ok");
    assert_eq!(system.model.acknowledged, 1);
}

#[test]
fn a_wait_ends_by_control_c_and_the_interrupt_stays_attached() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    system.line("7 attach-irq constant irq");
    system.line(": watch irq wait-irq . ; ' watch catch .");
    assert_eq!(system.run(), Turn::Waits(Awaited::Interrupt));
    system.model.ctrl_c = true;
    assert_eq!(system.run(), Turn::Waits(Awaited::Input));
    assert!(system.model.output.ends_with("-28  ok\n"));
    system.model.interrupt(7);
    assert_eq!(system.line("irq wait-irq ."), "1  ok");
}

#[test]
fn names_of_a_saved_world_stand_for_nothing_until_they_are_asked_for_anew() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    system.line("hex 90000000 40 map-device constant d decimal 7 attach-irq constant irq");
    system.line("cap_kill cap-revoke");
    system.line(": watch irq wait-irq ; : try ['] watch catch . ; try d . irq .");
    let image = system.image();
    let mut other = vec![0; WORDS];
    let mut loaded = System {
        arbiter: Arbiter::load(&mut other, &image).unwrap_or_else(|error| panic!("{error}")),
        model: Model::default(),
    };
    // The wait goes on, finds that its interrupt is bound to nothing, and says so.
    assert_eq!(loaded.run(), Turn::Waits(Awaited::Input));
    assert_eq!(loaded.model.output, "-272 6 7  ok\n");
    assert!(loaded.line("0 d dev8@").ends_with("(-271)"));
    assert!(loaded.line("irq ack-irq").ends_with("(-272)"));
    let held = loaded.line("caps");
    assert!(
        held.contains("5 CAP_TIME_ADMIN") && !held.contains("CAP_KILL"),
        "{held}"
    );
    assert!(loaded.line("cap_kill cap-info").contains("(revoked)"));
    // New names go on after the old ones.
    assert_eq!(
        loaded.line("hex 90000000 40 map-device . decimal 7 attach-irq ."),
        "8 9  ok"
    );
    // The world that was left holds its devices still.
    system.model.interrupt(7);
    assert_eq!(system.run(), Turn::Waits(Awaited::Input));
    assert!(system.model.output.ends_with("0 6 7  ok\n"));
    assert_eq!(system.line("."), "1  ok");
}

#[test]
fn rights_that_nobody_can_have_are_refused_in_an_image() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    let before = system.image();
    system.line("cap_kill cap-revoke");
    let after = system.image();
    // The control block holds the set 11111 and then 10111, the system the set of what is revoked:
    // both words are found by how they change.
    let word = |image: &[u8], at: usize| {
        u64::from_le_bytes(image[at..at + 8].try_into().expect("eight bytes"))
    };
    let at = |old: u64, new: u64| {
        (0..before.len() / 8)
            .map(|index| index * 8)
            .find(|at| (word(&before, *at), word(&after, *at)) == (old, new))
            .expect("the word is there")
    };
    let (held, revoked) = (at(0b1_1111, 0b1_0111), at(0, 0b0_1000));
    let refusal = |place: usize, word: u64| {
        let mut image = after.clone();
        image[place..place + 8].copy_from_slice(&word.to_le_bytes());
        repair_checksum(&mut image);
        let mut other = vec![0; WORDS];
        match Arbiter::load(&mut other, &image) {
            Ok(_) => None,
            Err(LoadError::World(RestoreError::State(_, reason))) => Some(reason),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(refusal(held, 0b1_0111), None);
    assert_eq!(refusal(held, 0), None);
    assert_eq!(
        refusal(held, 0b11_0111),
        Some("there is no such capability")
    );
    assert_eq!(refusal(held, u64::MAX), Some("there is no such capability"));
    let revived = Some("the instance holds a capability that was revoked");
    assert_eq!(refusal(held, 0b1_1111), revived);
    assert_eq!(refusal(revoked, 0b1_1000), revived);
    assert_eq!(
        refusal(revoked, 0b10_1000),
        Some("there is no such capability")
    );
    // The counter of names lies before the set that is revoked.
    assert_eq!(word(&after, revoked - 8), 6);
    for wrong in [0, 5, 1 << 48, u64::MAX] {
        assert_eq!(
            refusal(revoked - 8, wrong),
            Some("the counter of names is wrong")
        );
    }
}

#[test]
fn giving_a_capability_up_gives_the_devices_back() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    system.line("hex 90000000 40 map-device constant d decimal 7 attach-irq constant irq");
    system.line("cap_mmio cap-revoke");
    assert_eq!(system.model.used(), 1);
    assert!(
        system
            .line("0 d dev8@")
            .ends_with("needs CAP_MMIO, which this VM does not hold (-266)")
    );
    assert!(system.line("irq cap-revoke irq irq?").ends_with("(-272)"));
    assert_eq!(system.model.used(), 0);
    system.line("8 attach-irq cap_irq cap-revoke");
    assert_eq!(system.model.used(), 0);
    assert_eq!(
        system.line("caps"),
        "1 CAP_SPAWN: making VM instances (held)\n\
         4 CAP_KILL: ending other VM instances (held)\n\
         5 CAP_TIME_ADMIN: setting the clock (held)\n ok"
    );
}

#[test]
fn a_system_that_ends_gives_its_devices_back() {
    for (end, exit) in [("bye", Exit::Bye(0)), ("cold", Exit::Cold)] {
        let mut region = vec![0; WORDS];
        let mut system = System::new(&mut region);
        system.line("hex 90000000 40 map-device 7 attach-irq");
        assert_eq!(system.model.used(), 2);
        system.model.typed.extend(format!("{end}\n").bytes());
        assert_eq!(system.run(), Turn::Over(exit));
        assert_eq!(system.model.used(), 0);
    }
}

#[test]
fn clocks_are_read_by_all_and_set_with_the_capability() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    assert!(system.line("time@").ends_with("set it with TIME! (-284)"));
    assert_eq!(
        system.line("1795177301000000009 time! time@ ."),
        "1795177301000000009  ok"
    );
    assert_eq!(
        system.line("time&date . . . . . ."),
        "2026 11 20 12 21 41  ok"
    );
    system.model.now = 77;
    assert_eq!(system.line("ns@ ."), "77  ok");
    system.line("cap_time_admin cap-revoke");
    assert!(system.line("0 time!").ends_with("(-269)"));
    assert_eq!(system.line("time@ . ns@ ."), "1795177301000000009 77  ok");
    system.model.wall = Some(u64::MAX);
    assert_eq!(
        system.line("time&date . . . . . ."),
        "2554 7 21 23 34 33  ok"
    );
}

#[test]
fn reports_come_line_by_line_cut_where_the_buffer_ends() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    let said = system.line("memory-map");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 4, "{said}");
    assert!(lines[0].starts_with("MemoryMap line 0!!!") && lines[0].len() == 255);
    assert!(lines[2].starts_with("MemoryMap line 2!!!"));
    assert!(system.line("cpus").starts_with("Cpus line 0"));
    assert!(system.line("devices").starts_with("Devices line 0"));
    assert!(system.line(".machine").starts_with("Machine line 0"));
}

#[test]
fn who_waits_for_a_time_sleeps_until_then_and_can_be_interrupted() {
    let mut region = vec![0; WORDS];
    let mut system = System::new(&mut region);
    system.model.now = 7_000_000;
    system.model.typed.extend(*b"3 ms ns@ .\n");
    assert_eq!(system.run(), Turn::Waits(Awaited::Time(10_000_000)));
    // It may be woken early, and sleeps on; what is typed meanwhile waits too.
    system.model.typed.extend(*b"1 .\n");
    system.model.now = 9_999_999;
    assert_eq!(system.run(), Turn::Waits(Awaited::Time(10_000_000)));
    stele_arbiter::wait(&mut system.model, Awaited::Time(10_000_000));
    assert_eq!(system.run(), Turn::Waits(Awaited::Input));
    assert!(system.model.output.ends_with("10000000  ok\n1 . 1  ok\n"));
    // A time beyond all clocks is waited for in vain; Ctrl-C ends that.
    system.model.typed.extend(*b"-1 ms\n");
    assert_eq!(system.run(), Turn::Waits(Awaited::Time(u64::MAX)));
    system.model.ctrl_c = true;
    assert_eq!(system.run(), Turn::Waits(Awaited::Input));
    assert!(system.model.output.contains("interrupted (-28)"));
}
