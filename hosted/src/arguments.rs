//! The command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use crate::reach::FilesAllowed;
use crate::size::MemorySize;

const AFTER_HELP: &str = "\
Without FILE and -e, stele reads standard input: with a prompt if that is a terminal, line by line
and without one if it is not. COLD at any time starts anew without the texts.

On a terminal errors are shown in red, unless NO_COLOR is set.

Exit codes:
  0  the program ended
  1  an error in the program
  2  a wrong command line
  3  a file that cannot be read, output that cannot be written, or a system that cannot be started

Examples:
  stele                        the prompt
  stele -e '1 2 + .'           prints 3
  stele words.4th -e main      first the file, then the word
  stele -i words.4th           first the file, then the prompt
  stele --files none a.4th     a file that may touch no other
  stele --disassemble a.svc    a module of bytecode as text (docs/BYTECODE.md)
  stele --assemble a.txt --output a.svc";

/// Stele: a system of immutable values that speaks Forth, as a Linux program.
#[derive(Debug, Parser)]
#[command(name = "stele", version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Source files, interpreted in order; `-` is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Interprets TEXT; may be repeated and mixed with files, in the order given
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    evaluate: Vec<OsString>,

    /// Goes to the prompt after the texts, also after an error and without a terminal
    #[arg(short, long)]
    pub(crate) interactive: bool,

    /// Memory of the system: bytes, or with K, M or G; 1M to 4G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) memory: MemorySize,

    /// Prints the module FILE.svc as text, and ends
    #[arg(long, value_name = "FILE.svc", conflicts_with_all = ["files", "evaluate", "assemble"])]
    pub(crate) disassemble: Option<PathBuf>,

    /// Makes a module of the text in FILE, writes it where --output says, and ends
    #[arg(long, value_name = "FILE", requires = "output", conflicts_with_all = ["files", "evaluate"])]
    pub(crate) assemble: Option<PathBuf>,

    /// Where --assemble writes the module
    #[arg(long, value_name = "FILE.svc", requires = "assemble")]
    pub(crate) output: Option<PathBuf>,

    /// Stops the texts with an error when they have used UNITS of cost
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u64).range(1..=i64::MAX.unsigned_abs()))]
    pub(crate) budget: Option<u64>,

    /// Files that programs may reach: `all` that you may, `none`, or those below a directory, which
    /// names are then taken from
    #[arg(long = "files", value_name = "all|none|DIR", default_value = "all")]
    pub(crate) files_allowed: FilesAllowed,

    /// Keeps blocks in FILE, which is made if it is not there, and not in memory
    #[arg(long, value_name = "FILE")]
    pub(crate) blocks: Option<OsString>,

    /// Everything to interpret, in the order of the command line.
    #[arg(skip)]
    pub(crate) inputs: Vec<TextInput>,
}

/// One thing to interpret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TextInput {
    /// A file.
    File(PathBuf),
    /// Standard input, to its end.
    StandardInput,
    /// What stands on the command line.
    Given(OsString),
}

impl Arguments {
    /// The arguments of this process; ends it with help or a usage error where these are due.
    pub(crate) fn from_command_line() -> Self {
        Self::parse_from_words(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    fn parse_from_words(
        words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches_from(words)?;
        let mut arguments = Self::from_arg_matches(&matches)?;
        arguments.inputs = arguments.in_order(&matches);
        Ok(arguments)
    }

    /// Files and texts, sorted by their places on the command line.
    fn in_order(&self, matches: &ArgMatches) -> Vec<TextInput> {
        let places = |id| matches.indices_of(id).into_iter().flatten();
        let files = self.files.iter().map(|path| {
            if path.as_os_str() == OsStr::new("-") {
                TextInput::StandardInput
            } else {
                TextInput::File(path.clone())
            }
        });
        let given = self.evaluate.iter().cloned().map(TextInput::Given);
        let mut inputs: Vec<(usize, TextInput)> = places("files")
            .zip(files)
            .chain(places("evaluate").zip(given))
            .collect();
        inputs.sort_by_key(|(place, _)| *place);
        inputs.into_iter().map(|(_, input)| input).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, TextInput};
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    fn parse(words: &[&str]) -> Result<Arguments, ErrorKind> {
        let words = ["stele"].iter().chain(words);
        Arguments::parse_from_words(words).map_err(|error| error.kind())
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn texts_keep_the_order_of_the_command_line() {
        let arguments = parse(&["-e", "one", "a.4th", "-", "-i", "-e", "two", "b.4th"]);
        assert_eq!(
            arguments.expect("they are right").inputs,
            [
                TextInput::Given("one".into()),
                TextInput::File("a.4th".into()),
                TextInput::StandardInput,
                TextInput::Given("two".into()),
                TextInput::File("b.4th".into()),
            ]
        );
    }

    #[test]
    fn a_text_may_begin_with_a_minus_sign_or_be_empty() {
        let arguments = parse(&["-e", "-1 .", "-e", ""]).expect("they are right");
        assert_eq!(
            arguments.inputs,
            [TextInput::Given("-1 .".into()), TextInput::Given("".into())]
        );
    }

    #[test]
    fn a_file_after_two_minus_signs_may_begin_with_one() {
        let arguments = parse(&["--", "-e"]).expect("they are right");
        assert_eq!(arguments.inputs, [TextInput::File("-e".into())]);
    }

    #[test]
    fn without_anything_there_is_nothing_to_interpret_and_64_megabytes() {
        let arguments = parse(&[]).expect("they are right");
        assert_eq!(arguments.inputs, []);
        assert_eq!(arguments.memory.bytes(), 64 << 20);
        assert_eq!(arguments.budget, None);
    }

    #[test]
    fn a_budget_is_at_least_one_and_fits_a_cell() {
        let budget = |text| parse(&["--budget", text]).map(|arguments| arguments.budget);
        assert_eq!(budget("0"), Err(ErrorKind::ValueValidation));
        assert_eq!(budget("1"), Ok(Some(1)));
        assert_eq!(
            budget("9223372036854775807"),
            Ok(Some(i64::MAX.unsigned_abs()))
        );
        assert_eq!(
            budget("9223372036854775808"),
            Err(ErrorKind::ValueValidation)
        );
    }

    #[test]
    fn wrong_command_lines_are_refused() {
        assert_eq!(parse(&["--nope"]).err(), Some(ErrorKind::UnknownArgument));
        assert_eq!(
            parse(&["--memory", "1K"]).err(),
            Some(ErrorKind::ValueValidation)
        );
        assert_eq!(parse(&["-e"]).err(), Some(ErrorKind::InvalidValue));
    }
}
