// The operations on values: name, function, cells taken and left, values taken and left ("?" where
// that depends on the data), floats taken and left in braces if there are any, cost in units. Included by the machine, to run them, and by the build
// script of the Forth, to compile the core words against them.

value_primitives! {
    // Scalars: from cells and to cells.
    "(nil)" scalars::nil (0 0) (0 1) 2;
    "(>boolean)" scalars::boolean (1 0) (0 1) 2;
    "(boolean>)" scalars::as_boolean (0 1) (1 0) 2;
    "(>character)" scalars::character (1 0) (0 1) 2;
    "(character>)" scalars::as_character (0 1) (1 0) 2;
    "(f>v)" scalars::from_float (0 0) (0 1) {1 0} 4;
    "(v>f)" scalars::as_float (0 0) (1 0) {0 1} 4;
    "(integer>float)" scalars::integer_to_float (0 0) (1 1) 4;
    "(>capability)" scalars::capability (1 0) (0 1) 2;
    "(capability>)" scalars::as_capability (0 1) (1 0) 2;
    "(kind)" scalars::kind (0 1) (1 0) 2;
    // Text and bytes.
    "(>text)" text::text (2 0) (0 1) 8;
    "(>bytes)" text::bytes (2 0) (0 1) 8;
    "(contents>)" text::contents (2 1) (1 0) 8;
    "(type-value)" text::type_out (0 0) (1 0) 8;
    // What has a length.
    "(size)" vectors::size (0 1) (1 0) 2;
    "(slice)" vectors::slice (2 0) (1 1) 32;
    "(concat)" vectors::concat (0 0) (2 1) 64;
    // Vectors.
    "(vector)" vectors::empty (0 0) (0 1) 4;
    "(gather)" vectors::gather (1 0) (0 ?) 8;
    "(nth)" vectors::nth (1 0) (1 1) 4;
    "(put-nth)" vectors::put_nth (1 0) (2 1) 16;
    "(push)" vectors::push (0 0) (2 1) 8;
    "(pop)" vectors::pop (0 0) (1 2) 16;
    // Maps and sets; vectors by the number of a place.
    "(map)" maps::empty_map (0 0) (0 1) 4;
    "(set)" maps::empty_set (0 0) (0 1) 4;
    "(get)" maps::get (0 0) (2 1) 8;
    "(get-or)" maps::get_or (0 0) (3 1) 8;
    "(has?)" maps::has (0 1) (2 0) 8;
    "(put)" maps::put (0 0) (3 1) 24;
    "(insert)" maps::insert (0 0) (2 1) 24;
    "(remove)" maps::remove (0 0) (2 1) 24;
    // Collections as vectors.
    "(row)" rows::row (0 0) (1 1) 8;
    "(keys)" rows::keys (0 0) (1 1) 8;
    "(vals)" rows::vals (0 0) (1 1) 8;
    "(sorted)" rows::sorted (0 0) (1 1) 8;
    // Records.
    "(record)" records::record (2 0) (0 ?) 8;
    "(record-type)" records::kind (0 1) (1 0) 2;
    // Arithmetic; the common ones are instructions.
    "(v**)" arithmetic::power (0 0) (2 1) 32;
    "(vnegate)" arithmetic::negate (0 0) (1 1) 4;
    "(vand)" arithmetic::and (0 0) (2 1) 4;
    "(vor)" arithmetic::or (0 0) (2 1) 4;
    "(vxor)" arithmetic::xor (0 0) (2 1) 4;
    "(vlshift)" arithmetic::left (0 0) (2 1) 4;
    "(vrshift)" arithmetic::right (0 0) (2 1) 4;
    "(v<)" comparison::less (0 1) (2 0) 4;
    "(v<=)" comparison::less_or_equal (0 1) (2 0) 4;
    // Function values, suspended calls, what is thrown.
    "(arity)" functions::arity (0 1) (1 1) 2;
    "(yielded)" functions::yielded (0 1) (1 2) 2;
    "(thrown)" functions::thrown (0 0) (0 1) 2;
    // Equality, order, hash.
    "(v=)" comparison::equal (0 1) (2 0) 4;
    "(identical?)" comparison::identical (0 1) (2 0) 4;
    "(vcompare)" comparison::order (0 1) (2 0) 4;
    "(vhash)" comparison::hash (0 1) (1 0) 4;
    // The text form.
    "(v.)" text_form::print (0 0) (1 0) 8;
    "(write-value)" text_form::write (2 1) (1 0) 8;
    "(read)" text_form::read (2 1) (0 1) 8;
    "(read-all)" text_form::read_all (2 0) (0 1) 8;
    // Values in compiled code.
    "(constant)" constants::get (1 0) (0 1) 2;
    "(constant,)" constants::add (0 1) (1 0) 16;
    // Atoms.
    "(atom)" atoms::make (0 0) (1 1) 16;
    "(atom-number)" atoms::number (0 1) (1 0) 2;
    "(load)" atoms::load (0 0) (1 1) 8;
    "(exchange)" atoms::exchange (0 0) (2 1) 8;
    "(cas)" atoms::compare_and_swap (0 1) (3 0) 8;
    "(begin-transaction)" atoms::begin (0 0) (0 0) 16;
    "(commit)" atoms::commit (0 1) (0 0) 16;
    // The heap.
    "(gc)" heap::collect (0 0) (0 0) 256;
    "(.heap)" heap::print (0 0) (0 0) 256;
}
