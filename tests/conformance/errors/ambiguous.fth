\ Every ambiguous condition of 4.1.2 in the order of docs/FORTH.md's table, one case at least for each row: those that
\ trap, trap by name, and the others do what the table says. Other files go into the details.
SUITE errors/ambiguous

VARIABLE AMB-CELL
CREATE AMB-BUFFER 300 ALLOT
: AMB-NAME ( u -- c-addr u ) AMB-BUFFER OVER [CHAR] N FILL AMB-BUFFER SWAP ;
: AMB-OR ( n n1 n2 -- flag ) ROT SWAP OVER = >R = R> OR ;
: AMB-FLIP ( n -- ) RECURSE 1 ;
: AMB-DEEP ( n -- ) >R R@ RECURSE R> ;

\ clause 4.1.2 AMBIGUOUS-CONDITIONS
\ A name that is neither a word nor a number.
T{ THROWS| AMB-UNKNOWN| -> -13 }T
\ Definition name too long.
: AMB-LONG ( -- ) AMB-BUFFER 270 [CHAR] N FILL S" CREATE " AMB-BUFFER SWAP MOVE AMB-BUFFER 267 EVALUATE ;
T{ THROWS| AMB-LONG| -> -19 }T
\ Addressing what is not in data space.
T{ THROWS| 0 @| -> -9 }T
T{ THROWS| 0 -1 !| -> -9 }T
T{ THROWS| AMB-CELL 1 63 LSHIFT ERASE| 0= -> 0 }T
\ Argument type incompatible: a token, a control-flow item, a word of the wrong kind.
T{ THROWS| 123456789 EXECUTE| -> -258 }T
T{ THROWS| : ERR-X 12345 [ 12345 ] THEN ;| -> -22 }T
T{ THROWS| ' DUP >BODY| -> -31 }T
\ Token of a word without interpretation semantics obtained.
T{ ' IF 0= -> 0 }T
: AMB-CLOSED ;
T{ THROWS| ' IF EXECUTE| -> -29 }T
\ Division by zero.
T{ THROWS| 1 0 /| -> -10 }T
\ Stack overflow: whichever is longer.
T{ THROWS| AMB-FLIP| -3 -5 AMB-OR -> -1 }T
T{ THROWS| 0 AMB-DEEP| -3 -5 AMB-OR -> -1 }T
\ Loop-control overflow of the return stack.
: AMB-LOOPS ( -- ) 1 0 DO RECURSE LOOP ;
T{ THROWS| AMB-LOOPS| -> -5 }T
\ Data space overflow: nothing is reserved.
T{ HERE THROWS| 1 60 LSHIFT ALLOT| SWAP HERE = -> -8 -1 }T
\ Interpreting a word without interpretation semantics.
T{ THROWS| IF| -> -14 }T
\ Modifying the input buffer or a string literal.
: AMB-TEXT S" abc" ;
T{ CHAR x AMB-TEXT DROP C! AMB-TEXT DROP C@ -> CHAR x }T
T{ SOURCE DROP DUP C@ SWAP C! -> }T
\ Pictured numeric output overflow.
: AMB-PICTURE ( -- ) 0 0 <# 1000 0 DO [CHAR] x HOLD LOOP #> ;
T{ THROWS| AMB-PICTURE| -> -17 }T
\ Parsed string overflow.
: AMB-WORD ( -- ) AMB-BUFFER 300 [CHAR] N FILL S" BL WORD " AMB-BUFFER SWAP MOVE AMB-BUFFER 300 EVALUATE ;
T{ THROWS| AMB-WORD| -> -18 }T
\ Result out of range.
T{ THROWS| 1 1 1 UM/MOD| -> -11 }T
T{ MAX-INT 1+ -> MIN-INT }T
\ Reading from an empty stack.
: AMB-DROPS ( -- ) DEPTH 1+ 0 DO DROP LOOP ;
T{ THROWS| AMB-DROPS| -> -4 }T
T{ THROWS| : ERR-X R> ;| -6 -25 AMB-OR -> -1 }T
\ Unexpected end of input line.
T{ THROWS| CREATE | -> -16 }T
T{ S" S" PAD SWAP MOVE 34 PAD 1+ C! PAD 2 EVALUATE NIP -> 0 }T
\ >IN beyond the input.
: AMB-IN ( -- ) S" 1000 >IN ! AMB-UNKNOWN" EVALUATE ;
T{ AMB-IN -> }T
\ RECURSE after DOES> calls the part after it.
: AMB-COUNTER CREATE , DOES> ( n addr -- n ) SWAP DUP IF 1- SWAP RECURSE ELSE NIP THEN ;
0 AMB-COUNTER AMB-COUNT
T{ 3 AMB-COUNT -> 0 }T
\ Source of RESTORE-INPUT not the current one.
: AMB-RESTORE ( -- flag ) SAVE-INPUT S" RESTORE-INPUT" EVALUATE ;
T{ AMB-RESTORE -> -1 }T
\ Data space containing definitions de-allocated.
T{ THROWS| -1 1 RSHIFT NEGATE ALLOT| -> -8 }T
\ Data space read or written by an unaligned address, data-space pointer unaligned.
T{ 77 AMB-BUFFER 1+ ! AMB-BUFFER 1+ @ -> 77 }T
T{ ALIGN HERE 1 C, 77 , DUP 1+ @ SWAP HERE - ALLOT -> 77 }T
\ Fewer than u + 2 items for PICK, ROLL.
T{ THROWS| DEPTH PICK| -> -4 }T
T{ THROWS| DEPTH ROLL| -> -4 }T
T{ THROWS| 5000 ROLL| -4 -24 AMB-OR -> -1 }T
\ Loop-control parameters unavailable.
T{ THROWS| : ERR-X I ;| -> -26 }T
\ Latest word has no name.
T{ :NONAME 42 ; IMMEDIATE EXECUTE -> 42 }T
\ TO, IS, ACTION-OF, DEFER@, DEFER! of another word.
T{ THROWS| 1 TO AMB-CELL| -> -32 }T
T{ THROWS| ' DUP IS AMB-CELL| -> -32 }T
T{ THROWS| ACTION-OF AMB-CELL| -> -32 }T
T{ THROWS| ' AMB-CELL DEFER@| -> -32 }T
T{ THROWS| ' DUP ' AMB-CELL DEFER!| -> -32 }T
\ Running a DEFER word without an action.
DEFER AMB-IDLE
T{ THROWS| AMB-IDLE| -> -264 }T
\ Name not found.
T{ THROWS| ' AMB-UNKNOWN| -> -13 }T
T{ THROWS| : ERR-X POSTPONE AMB-UNKNOWN ;| -> -13 }T
T{ THROWS| : ERR-X ['] AMB-UNKNOWN ;| -> -13 }T
T{ THROWS| : ERR-X [COMPILE] AMB-UNKNOWN ;| -> -13 }T
\ Parameters of DO of different types.
: AMB-DO ( n1 n2 -- n ) 0 ROT ROT DO 1+ LOOP ;
T{ AMB-CELL 3 + AMB-CELL AMB-DO -> 3 }T
\ POSTPONE, ' of TO: it parses when it runs.
5 VALUE AMB-VALUE
: AMB-TO ( x "name" -- ) POSTPONE TO ; IMMEDIATE
T{ 6 AMB-TO AMB-VALUE AMB-VALUE -> 6 }T
T{ 7 ' TO EXECUTE AMB-VALUE AMB-VALUE -> 7 }T
\ u of LSHIFT, RSHIFT at least 64.
T{ 1 64 LSHIFT 1 64 RSHIFT 1 -1 LSHIFT -> 0 0 0 }T
\ Word not made by CREATE: >BODY, DOES>; a deferred word by >BODY.
T{ THROWS| ' AMB-IDLE >BODY| -> -31 }T
: AMB-DOES ( -- ) DOES> DROP ;
T{ THROWS| : ERR-X ; AMB-DOES| -> -31 }T
\ Words improperly outside <# and #>.
T{ 5 0 <# #S #> 2DROP 65 HOLD 0 0 #> DROP C@ -> 65 }T
\ EXIT inside a loop without UNLOOP, values left on the return stack.
T{ THROWS| : ERR-X 3 0 DO EXIT LOOP ;| -> -25 }T
T{ THROWS| : ERR-X 1 >R ;| -> -25 }T
\ Control structure that does not match: the definition is given up.
T{ THROWS| : AMB-GIVEN-UP IF ;| THROWS| AMB-GIVEN-UP| -> -22 -13 }T
\ BASE outside 2 to 36.
: AMB-SHOW ( -- ) 1 0 <# #S #> 2DROP ;
: AMB-IN-BASE ( u -- n ) BASE @ >R BASE ! ['] AMB-SHOW CATCH R> BASE ! ;
T{ 0 AMB-IN-BASE 1 AMB-IN-BASE -> -10 -17 }T
T{ BASE @ THROWS| 1 BASE ! 9 DROP| SWAP BASE ! -> -13 }T
\ MARKER's dictionary restored.
MARKER AMB-MARK
: AMB-FORGOTTEN ;
T{ AMB-MARK THROWS| AMB-FORGOTTEN| THROWS| AMB-MARK| -> -13 -13 }T
\ A device that is not there.
T{ THROWS| -1 ACK-IRQ| 0= -> 0 }T
\ Value stack underflow and overflow.
T{ THROWS| VDROP| -> -290 }T
: AMB-VALUES ( -- ) BEGIN 1 >V AGAIN ;
T{ THROWS| AMB-VALUES| -> -289 }T
\ A token used after its word was forgotten.
MARKER AMB-MARK
: AMB-LATER ;
T{ ' AMB-LATER AMB-MARK S" EXECUTE" ' EVALUATE CATCH NIP NIP NIP -> -258 }T
