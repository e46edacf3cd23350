\ rtc.4th: a device driver in Forth.
\
\ It reads the real-time clock, the chip that keeps the time while a computer is switched off: first
\ by looking at its registers, then by waiting for its interrupt, three times. PCs and Arm boards
\ have different chips, so there are two small drivers here, and the end chooses the one whose
\ chip is there.
\
\ Needs CAP_MMIO (registers) and CAP_IRQ (interrupts). Run it with `stele examples/rtc.4th`, where it
\ says why it cannot, or on a machine, as its boot source or typed at the prompt.

\ A device's registers and an interrupt have names, numbers that the system hands out once they are
\ ours. No other number works.
VARIABLE REGISTERS
VARIABLE INTERRUPT

\ ---- The PC's clock: CMOS memory behind two I/O ports ------------------------------------------
\
\ The number of a register goes to port 70h; then port 71h is that register.

: CMOS@ ( register -- x ) 0 REGISTERS @ DEV8!  1 REGISTERS @ DEV8@ ;
: CMOS! ( x register -- ) 0 REGISTERS @ DEV8!  1 REGISTERS @ DEV8! ;

\ Register A, bit 7: the chip is about to change the time, so what is read now may be torn.
: CHANGING? ( -- flag ) $0A CMOS@ $80 AND ;
\ Register B, bit 2: numbers are binary, not two decimal digits. Bit 1: hours run from 0 to 23.
: BINARY? ( -- flag ) $0B CMOS@ 4 AND ;
: 24-HOURS? ( -- flag ) $0B CMOS@ 2 AND ;

: FROM-DIGITS ( x -- n ) 16 /MOD 10 * + ;
: NUMBER ( x -- n ) BINARY? IF EXIT THEN FROM-DIGITS ;
\ On a 12-hour clock bit 7 is the afternoon, and midnight is 12.
: HOUR ( x -- n )
  24-HOURS? IF NUMBER EXIT THEN
  DUP $80 AND SWAP $7F AND NUMBER 12 MOD SWAP IF 12 + THEN ;

\ If the second has not changed meanwhile, nothing else has.
: CMOS-DATE ( -- sec min hour day month year )
  BEGIN
    BEGIN CHANGING? 0= UNTIL
    0 CMOS@ DUP NUMBER
    2 CMOS@ NUMBER  4 CMOS@ HOUR
    7 CMOS@ NUMBER  8 CMOS@ NUMBER  9 CMOS@ NUMBER 2000 +
    6 ROLL 0 CMOS@ <>
  WHILE 2DROP 2DROP 2DROP REPEAT ;

\ Register B, bit 4: interrupt at the end of every change, so once a second.
: CMOS-START ( -- ) $0B CMOS@ $10 OR $0B CMOS!  $0C CMOS@ DROP ;
: CMOS-STOP ( -- ) $0B CMOS@ $10 INVERT AND $0B CMOS! ;

\ The chip raises its line and holds it until register C is read. The line counts when it rises
\ (it is edge-triggered), so the order matters: first we let the interrupt come again, then the line
\ falls, and its next rise is seen.
: CMOS-ANSWER ( -- ) INTERRUPT @ ACK-IRQ  $0C CMOS@ DROP ;

\ ---- Arm's clock: the PL031, registers in memory -----------------------------------------------
\
\ One register counts the seconds since 1970; an interrupt comes when it reaches the match register.

$00 CONSTANT SECONDS    \ the time
$04 CONSTANT MATCH      \ the time of the interrupt
$10 CONSTANT MASK       \ 1: let it through
$1C CONSTANT CLEAR      \ write 1: it is answered

: PL031@ ( register -- x ) REGISTERS @ DEV32@ ;
: PL031! ( x register -- ) REGISTERS @ DEV32! ;

: PL031-DATE ( -- sec min hour day month year ) SECONDS PL031@ UNIX>DATE ;

: NEXT-SECOND ( -- ) SECONDS PL031@ 1+ MATCH PL031! ;
: PL031-START ( -- ) 1 CLEAR PL031!  NEXT-SECOND  1 MASK PL031! ;
: PL031-STOP ( -- ) 0 MASK PL031!  1 CLEAR PL031! ;

\ This line counts as long as it is high (it is level-triggered): first the chip lets it fall, and
\ only then may the interrupt come again, or it would come at once.
: PL031-ANSWER ( -- ) 1 CLEAR PL031!  NEXT-SECOND  INTERRUPT @ ACK-IRQ ;

\ Chips of Arm's say in four registers that they are one, and in two which: 031.
: PL031? ( -- flag )
  $FF0 PL031@ $0D =  $FF4 PL031@ $F0 = AND  $FF8 PL031@ $05 = AND  $FFC PL031@ $B1 = AND
  $FE0 PL031@ $31 = AND  $FE4 PL031@ $0F AND 0= AND ;

\ ---- Which of them -----------------------------------------------------------------------------

DEFER DATE    ( -- sec min hour day month year )
DEFER START   ( -- )
DEFER ANSWER  ( -- )
DEFER STOP    ( -- )

: USE-CMOS ( -- )
  $70 2 MAP-PORTS REGISTERS !
  ['] CMOS-DATE IS DATE  ['] CMOS-START IS START
  ['] CMOS-ANSWER IS ANSWER  ['] CMOS-STOP IS STOP
  8 ATTACH-IRQ INTERRUPT !
  ." The PC's clock, at ports 70h and 71h, interrupt 8" CR ;

: USE-PL031 ( -- )
  $09010000 $1000 MAP-DEVICE REGISTERS !
  PL031? 0= IF REGISTERS @ UNMAP-DEVICE 1 ABORT" There is a device, but no clock that this driver knows." THEN
  ['] PL031-DATE IS DATE  ['] PL031-START IS START
  ['] PL031-ANSWER IS ANSWER  ['] PL031-STOP IS STOP
  34 ATTACH-IRQ INTERRUPT !
  ." Arm's PL031, at 9010000h, interrupt 34" CR ;

\ A processor without ports says -277. Whatever else is wrong is the user's to know.
: FIND-CLOCK ( -- )
  ['] USE-CMOS CATCH
  DUP -277 = IF DROP USE-PL031 EXIT THEN
  THROW ;

\ ---- At work -----------------------------------------------------------------------------------

: TWO ( n -- ) 0 <# # # #> TYPE ;
: .TIME ( sec min hour -- ) TWO ." :" TWO ." :" TWO ;
: .DATE ( day month year -- ) 0 <# # # # # #> TYPE ." -" TWO ." -" TWO ;

VARIABLE COUNTED

\ WAIT-IRQ sleeps until the interrupt comes, and leaves how often it did.
: WATCH ( u -- )
  0 COUNTED !
  0 DO
    INTERRUPT @ WAIT-IRQ COUNTED +!
    ANSWER
    DATE 2DROP DROP SPACE .TIME
  LOOP ;
: THREE-TIMES ( -- ) 3 WATCH ;

\ Ctrl-C throws into WAIT-IRQ like any error. The device shall be left quiet in any case.
: RTC ( -- )
  FIND-CLOCK
  DATE ." By register: " .DATE SPACE .TIME CR
  ." By interrupt:"
  START ['] THREE-TIMES CATCH STOP
  INTERRUPT @ DETACH-IRQ  REGISTERS @ UNMAP-DEVICE
  CR COUNTED @ . ." interrupts came" CR
  THROW ;

RTC
