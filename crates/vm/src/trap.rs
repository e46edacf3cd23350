//! Traps: everything that can go wrong in a running program, as a throw code.

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
    EXCEPTION_STACK -53 "exception stack overflow";
    QUIT -56 "quit";
    CHARACTER_IO -57 "error while reading or writing a character";
    BUDGET_SPENT -256 "budget spent";
    OUT_OF_MEMORY -257 "out of memory";
    STALE_TOKEN -258 "execution token of a forgotten word";
    LINE_TOO_LONG -259 "input line too long";
    INVALID_UTF8 -260 "text is not valid UTF-8";
    INVALID_CODE -261 "the definition breaks a rule of the bytecode";
    DEFINITION_TOO_LONG -262 "definition too long";
    UNSET_DEFERRED -264 "deferred word without an action";
}
