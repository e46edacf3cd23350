//! The dictionary, typed at an instance, beside a model: word lists as maps of a program's own, a
//! search order as a vector, a marker as a copy of it all, FORGET as going back in what was done.

mod support;

use proptest::prelude::{ProptestConfig, Strategy};
use proptest::{collection, prop_oneof, proptest};
use std::collections::HashMap;
use std::fmt::Write as _;
use support::typed;

/// Names that words get; the case of letters does not matter.
const NAMES: [&str; 5] = ["one", "Two", "thrEE", "FOUR", "five"];

/// The number of the word list of the standard's words.
const FORTH: usize = 1;
/// Word lists that the system comes with.
const OWN_LISTS: usize = 4;

/// What is done to the dictionary. Numbers count what there is, and begin again behind the last.
#[derive(Clone, Debug)]
enum Action {
    /// Makes a word list.
    List,
    /// Defines a name as a number, in the list that new words go to.
    Define(usize),
    /// Makes another name for one.
    Synonym(usize, usize),
    /// Begins a definition and gives it up.
    GiveUp(usize),
    /// Chooses the list that new words go to.
    Current(usize),
    /// Chooses which lists are searched, before that of the standard's words.
    Order(Vec<usize>),
    /// Searches the first list twice.
    Also,
    /// Does not search the first list any more.
    Previous,
    /// Keeps the dictionary.
    Mark,
    /// Returns to one that was kept.
    Restore(usize),
    /// Forgets a name in the list that new words go to.
    Forget(usize),
}

fn action() -> impl Strategy<Value = Action> {
    let name = || 0..NAMES.len();
    prop_oneof![
        2 => proptest::strategy::Just(Action::List),
        8 => name().prop_map(Action::Define),
        2 => (name(), name()).prop_map(|(new, old)| Action::Synonym(new, old)),
        1 => name().prop_map(Action::GiveUp),
        4 => (0..8usize).prop_map(Action::Current),
        3 => collection::vec(0..8usize, 0..4).prop_map(Action::Order),
        1 => proptest::strategy::Just(Action::Also),
        1 => proptest::strategy::Just(Action::Previous),
        2 => proptest::strategy::Just(Action::Mark),
        1 => (0..8usize).prop_map(Action::Restore),
        3 => name().prop_map(Action::Forget),
    ]
}

/// A word: the list it is in, its name, what it leaves.
#[derive(Clone, Debug)]
struct Defined {
    list: usize,
    name: String,
    value: i64,
    /// The dictionary that it returns to, if it is a marker.
    keeps: Option<Box<Model>>,
}

#[derive(Clone, Debug)]
struct Model {
    /// All words, in the order they were made.
    words: Vec<Defined>,
    /// For each list how many words there were when it was made.
    lists: Vec<usize>,
    order: Vec<usize>,
    current: usize,
}

impl Model {
    /// What names lead to in a list.
    fn names(&self, list: usize) -> HashMap<&str, usize> {
        let places = self.words.iter().enumerate();
        let mine = places.filter(|(_, word)| word.list == list);
        mine.map(|(place, word)| (word.name.as_str(), place))
            .collect()
    }

    fn find(&self, name: &str) -> Option<&Defined> {
        let found = |list: &usize| self.names(*list).get(name).copied();
        self.order.iter().find_map(found).map(|at| &self.words[at])
    }

    fn define(&mut self, name: &str, value: i64, keeps: Option<Box<Self>>) {
        self.words.push(Defined {
            list: self.current,
            name: name.to_owned(),
            value,
            keeps,
        });
    }

    /// Forgets the word at a place, and what was made since.
    fn forget(&mut self, place: usize) {
        self.words.truncate(place);
        self.lists.retain(|birth| *birth <= place);
        let lists = self.lists.len();
        self.order.retain(|list| *list <= lists);
        if self.current > lists {
            self.current = FORTH;
        }
    }
}

/// The program that does `actions` and says after each what all names lead to, and what it must print.
fn played(actions: &[Action]) -> (String, Vec<String>) {
    let mut model = Model {
        words: Vec::new(),
        lists: vec![0; OWN_LISTS],
        order: vec![FORTH],
        current: FORTH,
    };
    let mut program = String::new();
    let mut expected = Vec::new();
    let mut marks = 0;
    for (number, action) in actions.iter().enumerate() {
        let value = number as i64;
        // The standard's words, or a list of the program's.
        let list = |count: &usize, model: &Model| match count % (model.lists.len() + 1 - OWN_LISTS)
        {
            0 => 1,
            later => OWN_LISTS + later,
        };
        match action {
            Action::List => {
                model.lists.push(model.words.len());
                let _ = write!(program, "wordlist {} - . ", model.lists.len());
            }
            Action::Define(name) => {
                let name = NAMES[*name];
                let _ = write!(program, ": {name} {value} ; 0 . ");
                model.define(name, value, None);
            }
            Action::Synonym(new, old) => {
                let (new, old) = (NAMES[*new], NAMES[*old]);
                match model.find(old).map(|word| word.value) {
                    Some(value) => {
                        let _ = write!(program, "synonym {new} {old} 0 . ");
                        model.define(new, value, None);
                    }
                    None => {
                        let _ = write!(
                            program,
                            "s\" synonym {new} {old}\" ' evaluate catch nip nip -13 - . "
                        );
                    }
                }
            }
            Action::GiveUp(name) => {
                let _ = write!(program, "s\" : {} then ;\" given-up ", NAMES[*name]);
            }
            Action::Current(chosen) => {
                model.current = list(chosen, &model);
                let _ = write!(program, "{} set-current 0 . ", model.current);
            }
            Action::Order(chosen) => {
                model.order = chosen.iter().map(|chosen| list(chosen, &model)).collect();
                model.order.push(FORTH);
                for list in model.order.iter().rev() {
                    let _ = write!(program, "{list} ");
                }
                let _ = write!(program, "{} set-order 0 . ", model.order.len());
            }
            Action::Also => {
                model.order.insert(0, model.order[0]);
                let _ = write!(program, "also 0 . ");
            }
            Action::Previous if model.order.len() > 1 && model.order[1..].contains(&FORTH) => {
                model.order.remove(0);
                let _ = write!(program, "previous 0 . ");
            }
            Action::Mark => {
                let kept = Box::new(model.clone());
                let _ = write!(program, "marker mark{marks} 0 . ");
                model.define(&format!("mark{marks}"), 0, Some(kept));
                marks += 1;
            }
            Action::Restore(chosen) => {
                let found =
                    |word: &&Defined| word.keeps.is_some() && model.find(&word.name).is_some();
                let marked: Vec<_> = model.words.iter().filter(found).collect();
                match marked.get(chosen % marked.len().max(1)) {
                    Some(mark) => {
                        let _ = write!(program, "{} 0 . ", mark.name);
                        let kept = mark.keeps.clone().expect("it is a marker");
                        model = *kept;
                    }
                    None => program.push_str("0 . "),
                }
            }
            Action::Forget(name) => {
                let name = NAMES[*name];
                match model.names(model.current).get(name).copied() {
                    Some(place) => {
                        let _ = write!(program, "forget {name} 0 . ");
                        model.forget(place);
                    }
                    None => {
                        let _ = write!(
                            program,
                            "s\" forget {name}\" ' evaluate catch nip nip -13 - . "
                        );
                    }
                }
            }
            Action::Previous => program.push_str("0 . "),
        }
        let mut line = "0 ".to_owned();
        for name in NAMES {
            let _ = write!(program, "[defined] {name} [if] {name} [else] -1 [then] . ");
            let _ = write!(line, "{} ", model.find(name).map_or(-1, |word| word.value));
        }
        for (list, _) in model.lists.iter().enumerate().skip(OWN_LISTS) {
            let _ = write!(program, "0 ' counted {} traverse-wordlist . ", list + 1);
            let words = model.words.iter().filter(|word| word.list == list + 1);
            let _ = write!(line, "{} ", words.count());
        }
        let _ = writeln!(
            program,
            "get-current . get-order . {}cr",
            "drop ".repeat(model.order.len())
        );
        let _ = write!(line, "{} {}", model.current, model.order.len());
        expected.push(line);
    }
    (program, expected)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_name_leads_to_what_the_search_order_says(actions in collection::vec(action(), 0..40)) {
        let (program, expected) = played(&actions);
        let counting = ": counted ( n nt -- n+1 flag ) drop 1+ true ;\n\
            : given-up ( c-addr u -- ) ['] evaluate catch nip nip postpone [ -22 - . ;\n";
        let printed = typed(&format!("{counting}{program}"));
        let printed: Vec<_> = printed.lines().map(str::trim_end).collect();
        assert_eq!(printed, expected, "{program}");
    }
}

#[test]
fn a_collection_in_between_makes_no_use_of_a_word_two() {
    let written = typed(
        ": A ; DEFER D TRUE ' D ACL-ALLOW! : N 20000 0 DO ['] A ['] D DEFER! LOOP ;\n\
         N ' D ACL-HEAT@ . BYE\n",
    );
    assert!(written.contains("20000 "), "{written}");
}
