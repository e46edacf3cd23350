//! Traps: everything that can go wrong in a running program, as a throw code.

use stele_hal::DeviceError;

/// A throw code: what `CATCH` leaves. The standard assigns -1 to -79 (Forth-2012, table 9.1); Stele's own
/// begin at -256 and go down, where the standard leaves room for systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trap(pub i64);

macro_rules! traps {
    ($( $name:ident $code:literal $text:literal; )*) => {
        impl Trap {
            $( #[doc = $text] pub const $name: Self = Self($code); )*

            /// What the code means, in words; `None` for a program's own codes.
            #[must_use]
            pub fn meaning(self) -> Option<&'static str> {
                match self.0 {
                    $( $code => Some($text), )*
                    _ => None,
                }
            }
        }
    };
}

traps! {
    ABORT -1 "aborted";
    ABORT_QUOTE -2 "aborted with a message";
    STACK_OVERFLOW -3 "data stack overflow";
    STACK_UNDERFLOW -4 "data stack underflow";
    RETURN_STACK_OVERFLOW -5 "return stack overflow";
    RETURN_STACK_UNDERFLOW -6 "return stack underflow";
    DICTIONARY_OVERFLOW -8 "data space limit reached";
    INVALID_ADDRESS -9 "invalid memory address";
    DIVISION_BY_ZERO -10 "division by zero";
    OUT_OF_RANGE -11 "result out of range";
    ARGUMENT_TYPE -12 "argument type mismatch";
    UNDEFINED_WORD -13 "undefined word";
    COMPILE_ONLY -14 "interpreting a compile-only word";
    INVALID_FORGET -15 "invalid FORGET";
    NAME_MISSING -16 "attempt to use a zero-length name";
    NUMERIC_STRING_OVERFLOW -17 "pictured numeric output string overflow";
    PARSED_STRING_OVERFLOW -18 "parsed string overflow";
    NAME_TOO_LONG -19 "definition name too long";
    READ_ONLY -20 "write to a read-only location";
    UNSUPPORTED -21 "unsupported operation";
    CONTROL_MISMATCH -22 "control structure mismatch";
    NUMERIC_ARGUMENT -24 "invalid numeric argument";
    RETURN_STACK_IMBALANCE -25 "return stack imbalance";
    LOOP_PARAMETERS -26 "loop parameters unavailable";
    RECURSION -27 "invalid recursion";
    USER_INTERRUPT -28 "interrupted";
    COMPILER_NESTING -29 "compiler nesting";
    NOT_CREATED -31 ">BODY used on a word that CREATE did not make";
    INVALID_NAME -32 "invalid name argument";
    BLOCK_READ -33 "block read exception";
    BLOCK_WRITE -34 "block write exception";
    BLOCK_NUMBER -35 "invalid block number";
    FILE_POSITION -36 "invalid file position";
    FILE_IO -37 "file I/O exception";
    NO_SUCH_FILE -38 "non-existent file";
    END_OF_FILE -39 "unexpected end of file";
    FLOAT_BASE -40 "floats are printed in base ten only";
    FLOAT_OUT_OF_RANGE -43 "floating-point result out of range";
    FLOAT_STACK_OVERFLOW -44 "floating-point stack overflow";
    FLOAT_STACK_UNDERFLOW -45 "floating-point stack underflow";
    SEARCH_ORDER_OVERFLOW -49 "search-order overflow";
    SEARCH_ORDER_UNDERFLOW -50 "search-order underflow";
    EXCEPTION_STACK -53 "exception stack overflow";
    QUIT -56 "quit";
    CHARACTER_IO -57 "error while reading or writing a character";
    ALLOCATE -59 "no room to allocate so many bytes";
    FREE -60 "nothing is allocated at this address";
    RESIZE -61 "nothing is allocated at this address, or it cannot have that size";
    CLOSE_FILE -62 "the host cannot close this file";
    CREATE_FILE -63 "the host cannot create this file";
    DELETE_FILE -64 "the host cannot delete this file";
    TELL_POSITION -65 "the host cannot tell the position in this file";
    FILE_SIZE -66 "the host cannot tell the size of this file";
    FILE_STATUS -67 "the host cannot tell the status of this file";
    FLUSH_FILE -68 "the host cannot flush this file";
    OPEN_FILE -69 "the host cannot open this file";
    READ_FILE -70 "the host cannot read this file";
    READ_LINE -71 "the host cannot read a line of this file";
    RENAME_FILE -72 "the host cannot rename this file";
    REPOSITION_FILE -73 "the host cannot move the position in this file";
    RESIZE_FILE -74 "the host cannot resize this file";
    WRITE_FILE -75 "the host cannot write this file";
    WRITE_LINE -76 "the host cannot write a line of this file";
    MALFORMED_XCHAR -77 "malformed extended character";
    SUBSTITUTE -78 "the text with its substitutions has no room, or would be written over itself";
    REPLACES -79 "the name of a substitution has 1 to 252 bytes, none of them %";
    BUDGET_SPENT -256 "budget spent";
    OUT_OF_MEMORY -257 "out of memory";
    STALE_TOKEN -258 "execution token of a forgotten word";
    LINE_TOO_LONG -259 "input line too long";
    INVALID_UTF8 -260 "text is not valid UTF-8";
    INVALID_CODE -261 "the definition breaks a rule of the bytecode";
    DEFINITION_TOO_LONG -262 "definition too long";
    UNSET_DEFERRED -264 "deferred word without an action";
    NEEDS_SPAWN -265 "needs CAP_SPAWN, which this VM does not hold";
    NEEDS_MMIO -266 "needs CAP_MMIO, which this VM does not hold";
    NEEDS_IRQ -267 "needs CAP_IRQ, which this VM does not hold";
    NEEDS_KILL -268 "needs CAP_KILL, which this VM does not hold";
    NEEDS_TIME_ADMIN -269 "needs CAP_TIME_ADMIN, which this VM does not hold";
    NO_CAPABILITY -270 "no capability has this name";
    UNBOUND_DEVICE -271 "no device region has this name, or none since this system was loaded";
    UNBOUND_INTERRUPT -272 "no attached interrupt has this name, or none since this system was loaded";
    NO_DEVICES -273 "this host has no devices to offer";
    NOT_A_DEVICE -274 "there is memory at this address, not a device";
    NO_SUCH_ADDRESS -275 "no such device address, or a length of zero";
    DEVICE_IN_USE -276 "the system itself, or another program, uses this device";
    NO_PORTS -277 "this processor has no I/O ports";
    NO_SUCH_INTERRUPT -278 "this machine has no such interrupt";
    OUT_OF_REGION -279 "the register does not lie in the device's region";
    MISALIGNED -280 "the register's address is not a multiple of its width";
    REGISTER_WIDTH -281 "no registers of this width in this address space";
    TOO_MANY_REGIONS -282 "too many device regions: unmap one first";
    TOO_MANY_INTERRUPTS -283 "too many attached interrupts: detach one first";
    TIME_UNKNOWN -284 "nobody has said what time it is: set it with TIME!";
    CLOCK_OF_HOST -285 "the clock is the host system's and cannot be set here";
    NO_ANSWER -286 "nothing answers at this register's address";
    REGION_TOO_LONG -287 "a device region has at most 2 MiB: map it in pieces";
    DEVICE_KEPT -288 "the system keeps this device, which could reach any memory, from programs";
    VALUE_STACK_OVERFLOW -289 "value stack overflow";
    VALUE_STACK_UNDERFLOW -290 "value stack underflow";
    WRONG_KIND -291 "a value of the wrong kind";
    NO_SUCH_PLACE -292 "no such place";
    NO_SUCH_KEY -293 "no such key";
    MALFORMED_TEXT -294 "not the text of a value";
    TOO_LONG -295 "text or bytes too long";
    TRANSACTION_LATE -296 "another transaction was first: begin this one again";
    NO_SUCH_WORD_LIST -297 "there is no such word list";
    ACCESS_DENIED -298 "this word may not be used";
    WORD_PINNED -299 "this word is pinned: it, its name and its access stay as they are";
    TOO_MANY_CONTROLLED -300 "too many words under access control (at most 256)";
    NO_FILES -310 "this host has no files, or was told to give none";
    NOT_OPEN -311 "no open file has this id, or none since this system was loaded";
    FILE_DENIED -312 "the host does not permit this with this file";
    FILE_OUT_OF_BOUNDS -313 "the name leads out of the directory given with --files";
    DIRECTORY -314 "this is a directory, not a file";
    NO_FILE_SPACE -315 "no space is left for the file";
    TOO_MANY_FILES -316 "too many open files: close one first";
    FILE_NAME -317 "not a name of a file: 1 to 1024 bytes, none of them zero";
    FILE_ACCESS -318 "the file was not opened for this";
    SOURCES_NESTED -319 "sources nested too deeply";
    TOO_MANY_LOCALS -320 "more than 64 locals in one definition";
    LOCALS_PLACE -321 "locals are declared once, where nothing else is on the return stack";
    WRONG_ARGUMENTS -328 "a function called with another number of arguments than it takes";
    NOT_STATIC -329 "a function that may leave anything can be applied, not called";
    INTEGER_OVERFLOW -330 "the integer that results does not fit in 64 bits";
    SHIFT_RANGE -331 "a shift by less than 0 or more than 63 places";
}

impl From<DeviceError> for Trap {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::NoDevices => Self::NO_DEVICES,
            DeviceError::NotADevice => Self::NOT_A_DEVICE,
            DeviceError::NoSuchAddress => Self::NO_SUCH_ADDRESS,
            DeviceError::InUse => Self::DEVICE_IN_USE,
            DeviceError::NoPorts => Self::NO_PORTS,
            DeviceError::NoSuchInterrupt => Self::NO_SUCH_INTERRUPT,
            DeviceError::OutOfRegion => Self::OUT_OF_REGION,
            DeviceError::Misaligned => Self::MISALIGNED,
            DeviceError::Width => Self::REGISTER_WIDTH,
            DeviceError::TooManyRegions => Self::TOO_MANY_REGIONS,
            DeviceError::TooManyInterrupts => Self::TOO_MANY_INTERRUPTS,
            DeviceError::TimeUnknown => Self::TIME_UNKNOWN,
            DeviceError::ClockOfHost => Self::CLOCK_OF_HOST,
            DeviceError::NoAnswer => Self::NO_ANSWER,
            DeviceError::TooLong => Self::REGION_TOO_LONG,
            DeviceError::Kept => Self::DEVICE_KEPT,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::Trap;
    use std::string::ToString;
    use stele_hal::DeviceError;

    #[test]
    fn what_a_device_refuses_is_said_in_the_same_words_everywhere() {
        for error in [
            DeviceError::NoDevices,
            DeviceError::NotADevice,
            DeviceError::NoSuchAddress,
            DeviceError::InUse,
            DeviceError::NoPorts,
            DeviceError::NoSuchInterrupt,
            DeviceError::OutOfRegion,
            DeviceError::Misaligned,
            DeviceError::Width,
            DeviceError::TooManyRegions,
            DeviceError::TooManyInterrupts,
            DeviceError::TimeUnknown,
            DeviceError::ClockOfHost,
            DeviceError::NoAnswer,
            DeviceError::TooLong,
            DeviceError::Kept,
        ] {
            let meaning = Trap::from(error)
                .meaning()
                .expect("every code has a meaning");
            assert_eq!(meaning, error.to_string());
        }
    }
}
