\ What a terminal and a clock can do, and structures: the FACILITY word set with its extensions.
\ TIME&DATE is with the other words for clocks.

: KEY ( -- char ) (key) DUP 0< IF DROP 0 (bye) THEN ;
: KEY? ( -- flag ) (key?) ;
: EMIT? ( -- flag ) TRUE ;

\ ---- The screen: ANSI sequences ----------------------------------------------------------------

: (CSI) ( -- ) 27 EMIT 91 EMIT ;
: AT-XY ( u1 u2 -- ) (CSI) 1+ (PLAIN) 59 EMIT 1+ (PLAIN) 72 EMIT ;
: PAGE ( -- ) (CSI) 50 EMIT 74 EMIT (CSI) 72 EMIT ;

\ ---- Waiting -----------------------------------------------------------------------------------

: MS ( u -- ) (ns@) (wait) ;

\ ---- Keyboard events ---------------------------------------------------------------------------
\
\ An event is a character's code point, or the number of a key with this bit; or, with the other, what
\ was typed and is neither.
$40000000 CONSTANT (FUNCTION-KEY)
$20000000 CONSTANT (OTHER-KEY)

1 CONSTANT K-UP
2 CONSTANT K-DOWN
3 CONSTANT K-RIGHT
4 CONSTANT K-LEFT
5 CONSTANT K-HOME
6 CONSTANT K-END
7 CONSTANT K-INSERT
8 CONSTANT K-DELETE
9 CONSTANT K-PRIOR
10 CONSTANT K-NEXT
17 CONSTANT K-F1
18 CONSTANT K-F2
19 CONSTANT K-F3
20 CONSTANT K-F4
21 CONSTANT K-F5
22 CONSTANT K-F6
23 CONSTANT K-F7
24 CONSTANT K-F8
25 CONSTANT K-F9
26 CONSTANT K-F10
27 CONSTANT K-F11
28 CONSTANT K-F12
256 CONSTANT K-SHIFT-MASK
512 CONSTANT K-ALT-MASK
1024 CONSTANT K-CTRL-MASK

USER (XC-BUFFER)  \ the bytes of one character

: (XC-LENGTH) ( byte -- n )
  DUP 192 < OVER 244 > OR IF DROP 1 EXIT THEN DUP 224 < IF DROP 2 EXIT THEN 240 < IF 3 ELSE 4 THEN ;
\ The character that begins with this byte, the others still to be typed.
: (TYPED) ( byte -- xchar )
  DUP 128 < IF EXIT THEN
  DUP (XC-BUFFER) C! (XC-LENGTH) DUP 1 ?DO KEY (XC-BUFFER) I + C! LOOP
  (XC-BUFFER) SWAP (xc@) DROP ;

\ The keys of sequences that end in a letter, and in a tilde; 0 for none.
: (LETTER-KEY) ( char -- u )
  DUP 65 69 WITHIN IF 64 - EXIT THEN
  DUP 80 84 WITHIN IF 80 - K-F1 + EXIT THEN
  DUP 72 = IF DROP K-HOME EXIT THEN
  70 = IF K-END ELSE 0 THEN ;
: (TILDE-KEY) ( n -- u )
  DUP 11 16 WITHIN IF 11 - K-F1 + EXIT THEN
  DUP 17 22 WITHIN IF 17 - K-F6 + EXIT THEN
  DUP 23 25 WITHIN IF 23 - K-F11 + EXIT THEN
  CASE
    1 OF K-HOME ENDOF 7 OF K-HOME ENDOF 4 OF K-END ENDOF 8 OF K-END ENDOF
    2 OF K-INSERT ENDOF 3 OF K-DELETE ENDOF 5 OF K-PRIOR ENDOF 6 OF K-NEXT ENDOF
    DROP 0 EXIT
  ENDCASE ;
\ A second parameter is one more than the bits of the keys held down: shift, alt, control.
: (MODIFIERS) ( n -- mask ) 1- 0 MAX 7 AND 8 LSHIFT ;
: (KEY-EVENT) ( char u mask -- x )
  OVER IF OR NIP (FUNCTION-KEY) OR ELSE 2DROP (OTHER-KEY) OR THEN ;
\ What follows CSI: numbers apart by semicolons, and a character from 64 on that ends it.
: (CSI-EVENT) ( -- x )
  -1 0 BEGIN KEY DUP 64 < WHILE
    DUP 48 58 WITHIN IF
      48 - SWAP 10 * + 255 MIN
    ELSE
      59 = IF OVER 0< IF NIP ELSE DROP THEN 0 THEN
    THEN
  REPEAT                                         ( first|-1 last char )
  >R OVER 0< IF NIP 1 THEN R>                    ( first last char )
  SWAP (MODIFIERS) >R
  DUP 126 = IF SWAP (TILDE-KEY) ELSE NIP DUP (LETTER-KEY) THEN R> (KEY-EVENT) ;
: (ESCAPE-EVENT) ( -- x )
  KEY? 0= IF 27 EXIT THEN
  KEY
  DUP 91 = IF DROP (CSI-EVENT) EXIT THEN
  DUP 79 = IF DROP KEY DUP (LETTER-KEY) 0 (KEY-EVENT) EXIT THEN
  (OTHER-KEY) OR ;
: EKEY ( -- x ) KEY DUP 27 = IF DROP (ESCAPE-EVENT) ELSE (TYPED) THEN ;
: EKEY? ( -- flag ) KEY? ;
: EKEY>CHAR ( x -- x false | char true ) DUP 128 U< ;
: EKEY>FKEY ( x -- u flag ) DUP (FUNCTION-KEY) AND IF (FUNCTION-KEY) XOR TRUE ELSE FALSE THEN ;

\ ---- Structures --------------------------------------------------------------------------------

\ Beside the size so far the address is kept where it is to be stored.
: BEGIN-STRUCTURE ( "name" -- struct-sys 0 ) CREATE ['] @ (LATEST) @ (as) HERE 0 0 , ;
: END-STRUCTURE ( struct-sys +n -- ) SWAP ! ;
\ A field's body is its offset, which the code adds.
: +FIELD ( n1 n2 "name" -- n3 ) (NAME) 4 4 PICK (header) DROP ['] + (LATEST) @ (as) + ;
: FIELD: ( n1 "name" -- n2 ) ALIGNED 8 +FIELD ;
: CFIELD: ( n1 "name" -- n2 ) 1 +FIELD ;
