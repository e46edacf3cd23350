\ What lies outside a VM: capabilities, device registers, interrupts, clocks, the machine.
\
\ Every word here asks for the capability it needs and throws by name if the VM does not hold it.
\ docs/DEVICES.md has each with its errors and an example.

\ ---- Capabilities ------------------------------------------------------------------------------

1 CONSTANT CAP_SPAWN
2 CONSTANT CAP_MMIO
3 CONSTANT CAP_IRQ
4 CONSTANT CAP_KILL
5 CONSTANT CAP_TIME_ADMIN

: CAP-INFO ( cap -- ) (.cap) ;
: CAP-REVOKE ( cap -- ) (cap-revoke) ;
: CAPS ( -- )
  0 (cap-next) DUP IF (BELOW) THEN
  BEGIN DUP WHILE DUP CAP-INFO (cap-next) REPEAT DROP ;

\ ---- The end of all (CAP_KILL) -----------------------------------------------------------------

: PANIC ( c-addr u -- ) (panic) ;

\ ---- Registers (CAP_MMIO) ----------------------------------------------------------------------

: MAP-DEVICE ( phys len -- dev ) (map-device) ;
: MAP-PORTS ( port count -- dev ) (map-ports) ;
: UNMAP-DEVICE ( dev -- ) (unmap-device) ;

: DEV8@ ( offset dev -- x ) 1 (dev@) ;
: DEV16@ ( offset dev -- x ) 2 (dev@) ;
: DEV32@ ( offset dev -- x ) 4 (dev@) ;
: DEV64@ ( offset dev -- x ) 8 (dev@) ;
: DEV8! ( x offset dev -- ) 1 (dev!) ;
: DEV16! ( x offset dev -- ) 2 (dev!) ;
: DEV32! ( x offset dev -- ) 4 (dev!) ;
: DEV64! ( x offset dev -- ) 8 (dev!) ;

\ ---- Interrupts (CAP_IRQ) ----------------------------------------------------------------------

: ATTACH-IRQ ( u -- irq ) (attach-irq) ;
: DETACH-IRQ ( irq -- ) (detach-irq) ;
: WAIT-IRQ ( irq -- n ) (wait-irq) ;
: IRQ? ( irq -- n ) (irq?) ;
: ACK-IRQ ( irq -- ) (ack-irq) ;

\ ---- Clocks ------------------------------------------------------------------------------------

: NS@ ( -- u ) (ns@) ;
: TIME@ ( -- u ) (time@) ;
: TIME! ( u -- ) (time!) ;

\ The calendar counts years from March on, so that a leap day is a year's last:
\ 146097 days are 400 years, and 719468 days lie between 0000-03-01 and 1970-01-01.
: (DATE) ( days -- day month year )
  719468 + 146097 /MOD >R
  DUP DUP 1460 / - OVER 36524 / + OVER 146096 / - 365 /
  R> 400 * OVER + >R
  DUP 365 * OVER 4 / + SWAP 100 / - -
  DUP 5 * 2 + 153 /
  SWAP OVER 153 * 2 + 5 / - 1+ SWAP
  DUP 10 < IF 3 + ELSE 9 - THEN
  R> OVER 3 < IF 1+ THEN ;
: UNIX>DATE ( n -- sec min hour day month year ) 60 /MOD 60 /MOD 24 /MOD (DATE) ;
: TIME&DATE ( -- sec min hour day month year ) TIME@ 0 1000000000 UM/MOD NIP UNIX>DATE ;

\ ---- The machine (CAP_MMIO) --------------------------------------------------------------------

: (LINES-OF) ( kind -- )
  0 BEGIN
    2DUP (LINE-BUFFER) (LINE-BUFFER-SIZE) (machine-line)
  WHILE OVER 0= IF (BELOW) THEN (LINE-BUFFER) SWAP TYPE CR 1+ REPEAT DROP 2DROP ;
: DEVICES ( -- ) 0 (LINES-OF) ;
: MEMORY-MAP ( -- ) 1 (LINES-OF) ;
: CPUS ( -- ) 2 (LINES-OF) ;
: .MACHINE ( -- ) 3 (LINES-OF) ;
