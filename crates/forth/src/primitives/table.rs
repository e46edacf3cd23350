// The table of primitives: name, function, cells taken and left ("?" where that depends on the
// data), values taken and left if it touches the value stack, floats taken and left in braces if it
// touches the float stack, cost in units. Included twice: by the crate, to run them, and by its build script, to
// compile the core words against them.

primitives! {
    // Console.
    "(emit)" console::emit (1 0) 4;
    "(type)" console::type_text (2 0) 4;
    "(look)" console::look (1 0) 4;
    "(key)" console::key (0 1) 4;
    "(key?)" console::key_ready (0 1) 4;
    // Parsing.
    "(parse)" parsing::parse (1 2) 4;
    "(parse-name)" parsing::parse_name (0 2) 4;
    "(word)" parsing::word (1 1) 4;
    "(>number)" parsing::to_number (4 4) 4;
    "(number)" parsing::number (2 3) 8;
    // Dictionary.
    "(find)" dictionary::find (2 2) 8;
    "(find-in)" dictionary::find_in (3 2) 8;
    "(find-name-in)" dictionary::find_name_in (3 1) 8;
    "(older)" dictionary::older (2 1) 8;
    "(list-of)" dictionary::list_of (1 1) 4;
    "(hide)" dictionary::hide (1 0) 32;
    "(wordlist)" dictionary::word_list (0 1) 32;
    "(name-list)" dictionary::name_list (2 0) 32;
    "(list-word)" dictionary::list_word (1 1) 8;
    "(header)" dictionary::header (4 1) 32;
    "(header-in)" dictionary::header_in (5 1) 32;
    "(immediate)" dictionary::immediate (0 0) 16;
    "(does)" dictionary::does (1 0) 16;
    "(as)" dictionary::set_code (2 0) 16;
    "(>body)" dictionary::to_body (1 1) 4;
    "(word-flags)" dictionary::word_flags (1 1) 4;
    "(word-body)" dictionary::word_body (1 1) 4;
    "(set-body)" dictionary::set_body (2 0) 16;
    "(word-name)" dictionary::word_name (1 2) 8;
    "(word-count)" dictionary::word_count (0 1) 4;
    "(distance)" dictionary::distance (3 1) 64;
    "(mark)" dictionary::mark (0 1) 16;
    "(restore)" dictionary::restore (1 0) 32;
    "(forget)" dictionary::forget (1 0) 32;
    // Access to words.
    "(acl-id)" access::id (1 1) 8;
    "(acl@)" access::read (2 1) 8;
    "(acl!)" access::write (3 0) 32;
    "(acl-pin)" access::pin (1 0) 32;
    "(acl-inherit)" access::inherit (2 0) 32;
    "(acl-line)" access::print_line (1 1) 16;
    "(controlled?)" access::is_controlled (1 1) 4;
    // Compiler.
    "(begin-definition)" compiler::begin_definition (2 0) 32;
    "(defining?)" compiler::defining (0 1) 4;
    "(finish-definition)" compiler::finish_definition (0 1) 32;
    "(open-definition)" compiler::open_definition (0 1) 4;
    "(discard-definition)" compiler::discard_definition (0 0) 8;
    "(compile,)" compiler::compile (1 0) 4;
    "(literal)" compiler::literal (1 0) 4;
    "(op)" compiler::op (1 0) 4;
    "(if)" compiler::begin_if (0 1) 4;
    "(ahead)" compiler::ahead (0 1) 4;
    "(then)" compiler::then (1 0) 4;
    "(begin)" compiler::begin (0 1) 4;
    "(again)" compiler::again (1 0) 4;
    "(until)" compiler::until (1 0) 4;
    "(do)" compiler::begin_do (0 2) 4;
    "(?do)" compiler::begin_question_do (0 2) 4;
    "(loop)" compiler::end_loop (2 0) 4;
    "(+loop)" compiler::end_plus_loop (2 0) 4;
    "(leave)" compiler::leave (0 0) 4;
    "(exit)" compiler::exit (0 0) 4;
    "(recurse)" compiler::recurse (0 0) 4;
    "(does>)" compiler::does (0 0) 4;
    // Locals.
    "(add-local)" locals::add (2 0) 16;
    "(declare-locals)" locals::declare (2 0) 8;
    "(local?)" locals::is_local (2 3) 4;
    "(get-local)" locals::get (2 3) 4;
    "(set-local)" locals::set (2 3) 4;
    // Extended characters.
    "(xc@)" xchar::fetch (2 2) 8;
    "(xc!)" xchar::store (3 1) 8;
    "(xc-size)" xchar::size (1 1) 4;
    "(xc-before)" xchar::before (2 1) 8;
    "(garbage)" xchar::without_garbage (2 2) 8;
    "(xc-width)" xchar::width (1 1) 8;
    "(xemit)" xchar::emit (1 0) 4;
    // Fixed point.
    "(q+)" fixed::add (2 1) 4;
    "(q-)" fixed::subtract (2 1) 4;
    "(q*)" fixed::multiply (2 1) 4;
    "(q/)" fixed::divide (2 1) 8;
    "(q-from)" fixed::from_integer (1 1) 4;
    "(q-root)" fixed::square_root (1 1) 16;
    "(q-log)" fixed::logarithm (1 1) 64;
    "(q-exp)" fixed::exponential (1 1) 64;
    "(q-sum)" fixed::sum (4 4) 8;
    "(q-squares)" fixed::squares (5 5) 8;
    "(q-mean-square)" fixed::mean_square (3 1) 8;
    // Allocated memory.
    "(allocate)" pool::allocate (1 2) 64;
    "(free)" pool::free (1 1) 64;
    "(resize)" pool::resize (2 3) 64;
    // Ranges of data space.
    "(move)" ranges::move_bytes (3 0) 4;
    "(fill)" ranges::fill (3 0) 4;
    "(allot)" ranges::allot (1 0) 4;
    "(mismatch)" ranges::mismatch (3 3) 4;
    "(search)" ranges::search (5 3) 4;
    "(roll)" ranges::roll (1 ?) 4;
    // Floats.
    "(>float)" floats::to_float (2 1) {0 ?} 32;
    "(represent)" floats::represent (2 3) {1 0} 64;
    "(float,)" floats::literal (0 0) {1 0} 4;
    "(sf@)" floats::fetch_single (1 0) {0 1} 4;
    "(sf!)" floats::store_single (1 0) {1 0} 4;
    "(floor)" floats::floor (0 0) {1 1} 8;
    "(fround)" floats::round (0 0) {1 1} 8;
    "(ftrunc)" floats::truncate (0 0) {1 1} 8;
    "(fmod)" floats::remainder (0 0) {2 1} 64;
    "(f**)" floats::power (0 0) {2 1} 32;
    "(fexp)" floats::exponential (0 0) {1 1} 16;
    "(fexpm1)" floats::exponential_less_one (0 0) {1 1} 16;
    "(falog)" floats::power_of_ten (0 0) {1 1} 32;
    "(fln)" floats::logarithm (0 0) {1 1} 16;
    "(flnp1)" floats::logarithm_of_one_more (0 0) {1 1} 16;
    "(flog)" floats::decimal_logarithm (0 0) {1 1} 16;
    "(fsin)" floats::sine (0 0) {1 1} 16;
    "(fcos)" floats::cosine (0 0) {1 1} 16;
    "(ftan)" floats::tangent (0 0) {1 1} 16;
    "(fasin)" floats::arc_sine (0 0) {1 1} 16;
    "(facos)" floats::arc_cosine (0 0) {1 1} 16;
    "(fatan)" floats::arc_tangent (0 0) {1 1} 16;
    "(fatan2)" floats::arc_tangent_of (0 0) {2 1} 16;
    "(fsinh)" floats::hyperbolic_sine (0 0) {1 1} 32;
    "(fcosh)" floats::hyperbolic_cosine (0 0) {1 1} 32;
    "(ftanh)" floats::hyperbolic_tangent (0 0) {1 1} 32;
    "(fasinh)" floats::area_sine (0 0) {1 1} 32;
    "(facosh)" floats::area_cosine (0 0) {1 1} 32;
    "(fatanh)" floats::area_tangent (0 0) {1 1} 32;
    // Capabilities.
    "(.cap)" capabilities::print (1 0) 16;
    "(cap-next)" capabilities::next (1 1) 16;
    "(cap-revoke)" capabilities::revoke (1 0) 128;
    // Devices.
    "(map-device)" devices::map_memory (2 1) 256;
    "(map-ports)" devices::map_ports (2 1) 256;
    "(unmap-device)" devices::unmap (1 0) 64;
    "(dev@)" devices::read (3 1) 16;
    "(dev!)" devices::write (4 0) 16;
    "(attach-irq)" devices::attach (1 1) 64;
    "(detach-irq)" devices::detach (1 0) 64;
    "(wait-irq)" devices::wait (1 1) 16;
    "(irq?)" devices::pending (1 1) 16;
    "(ack-irq)" devices::acknowledge (1 0) 16;
    "(wait)" devices::wait_for_time (2 0) 16;
    "(ns@)" devices::monotonic_clock (0 1) 8;
    "(time@)" devices::wall_clock (0 1) 8;
    "(time!)" devices::set_wall_clock (1 0) 16;
    "(machine-line)" devices::report_line (4 2) 256;
    // Help, and names.
    "(help-find)" help::find (2 2) 64;
    "(help-line)" help::show_line (2 2) 8;
    "(older-like)" help::older_like (4 4) 16;
    "(name-common)" help::common (2 1) 32;
    // Files.
    "(open-file)" files::open (4 2) 256;
    "(close-file)" files::close (1 1) 64;
    "(read-file)" files::read (4 2) 32;
    "(read-line)" files::read_line (4 3) 32;
    "(write-file)" files::write (3 1) 32;
    "(flush-file)" files::flush (1 1) 256;
    "(file-position)" files::position (1 3) 8;
    "(file-size)" files::size (1 3) 32;
    "(reposition-file)" files::reposition (3 1) 32;
    "(resize-file)" files::resize (3 1) 64;
    "(delete-file)" files::delete (2 1) 256;
    "(rename-file)" files::rename (4 1) 256;
    "(file-status)" files::status (2 2) 128;
    "(memory-block@)" blocks::read (2 0) 32;
    "(memory-block!)" blocks::write (2 0) 64;
    // System.
    "(refill-text)" sources::refill_text (0 1) 8;
    "(check-line)" sources::check_line (2 0) 8;
    "(text-back)" sources::text_back (1 0) 4;
    "(push-source)" nesting::push (0 0) 32;
    "(pop-source)" nesting::pop (0 0) 32;
    "(source-open?)" nesting::is_open (1 1) 64;
    "(next-text)" sources::next_text (0 1) 4;
    "(text-name)" sources::text_name (0 2) 4;
    "(source-number)" names::number (2 1) 32;
    "(source-name)" names::name (1 2) 8;
    "(word-place)" dictionary::word_place (1 3) 8;
    "(own?)" dictionary::is_own (1 1) 4;
    "(trace)" backtrace::begin (0 0) 32;
    "(frame)" backtrace::next (0 3) 32;
    "(trace-end)" backtrace::end (0 0) 8;
    "(watch)" watching::watch (1 0) 64;
    "(profile-next)" watching::profile_next (2 5) 64;
    "(profile-total)" watching::profile_total (0 2) 4;
    "(profile-at)" watching::profile_at (2 2) 16;
    "(line-at)" watching::line_at (2 2) 32;
    "(events)" watching::events (0 1) 4;
    "(event)" watching::event (1 7) 64;
    "(source-line)" watching::source_line (2 3) 16;
    "(bye)" system::bye (1 0) 1;
    "(cold)" system::cold (0 0) 1;
    "(panic)" system::panic (2 0) 1;
    "(environment)" system::environment (2 ?) 8;
    "(.trap)" system::print_trap (1 0) 16;
    "(see)" system::see_line (2 2) 64;
    "(cost)" system::cost (0 1) 1;
    "(budget!)" system::set_budget (1 0) 1;
    "(parity)" system::parity (2 2) 16;
    "(mode)" system::mode (0 1) 1;
    "(limit)" system::limit (0 1) 1;
    "(version)" system::version (0 2) 4;
}
