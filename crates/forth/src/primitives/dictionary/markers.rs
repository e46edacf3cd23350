/// `( -- n )`: keeps the dictionary as it is, for a marker; n is its number.
pub(super) fn mark(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    give_up_definition!(machine);
    let here = machine.cell(user::HERE)?;
    let latest = machine.cell(user::LATEST)?;
    reserve!(machine, SET_BYTES);
    let (session, roots) = machine.session();
    let markers = session.load(&roots[MARKERS_ROOT]);
    let markers = if session.is_nil(markers) {
        session.vector().map_err(full)?
    } else {
        markers
    };
    let number = session.vector_len(markers).unwrap_or(0);
    let fields = [
        session.load(&roots[WORDS_ROOT]),
        session.load(&roots[NAMES_ROOT]),
        session.integer(here).map_err(full)?,
        session.integer(latest).map_err(full)?,
    ];
    let record = session.record(MARKER_RECORD, &fields).map_err(full)?;
    let markers = session.vector_push(markers, record).map_err(refused)?;
    session.store(&mut roots[MARKERS_ROOT], markers);
    machine.push(i64::try_from(number).unwrap_or(i64::MAX))?;
    Ok(Step::Done)
}

/// `( n -- )`: returns to the dictionary that was kept under that number.
pub(super) fn restore(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    give_up_definition!(machine);
    let number = u64::try_from(machine.peek(0)?).map_err(|_| Trap::STALE_TOKEN)?;
    reserve!(machine, SET_BYTES);
    let (session, roots) = machine.session();
    let markers = session.load(&roots[MARKERS_ROOT]);
    let kept = session
        .vector_get(markers, number)
        .ok_or(Trap::STALE_TOKEN)?;
    let field = |index| session.field(kept, index).ok_or(Trap::STALE_TOKEN);
    let (words, names) = (field(0)?, field(1)?);
    let here = session.as_integer(field(2)?).ok_or(Trap::STALE_TOKEN)?;
    let latest = session.as_integer(field(3)?).ok_or(Trap::STALE_TOKEN)?;
    let fewer = session.vector_truncate(markers, number).map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    session.store(&mut roots[NAMES_ROOT], names);
    session.store(&mut roots[MARKERS_ROOT], fewer);
    machine.set_cell(user::HERE, here)?;
    machine.set_cell(user::LATEST, latest)?;
    machine.pop()?;
    Ok(Step::Done)
}
