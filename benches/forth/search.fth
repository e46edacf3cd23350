( Searches a text for strings, the plain way and with a table of shifts after Horspool: byte comparisons and early exits. )

200000 CONSTANT SIZE
CREATE TEXT SIZE ALLOT
CREATE SHIFTS 256 CELLS ALLOT

VARIABLE SEED
: RANDOM ( -- n ) SEED @ 25173 * 13849 + 65535 AND DUP SEED ! ;

( Words of few letters, so that beginnings agree often. )
: LETTER ( -- char ) RANDOM 8 RSHIFT 5 MOD 97 + ;
: FILL-TEXT ( -- ) SIZE 0 DO LETTER TEXT I + C! LOOP ;

: SAME? ( c-addr1 c-addr2 u -- flag )
   0 ?DO
      OVER I + C@ OVER I + C@ <> IF 2DROP UNLOOP FALSE EXIT THEN
   LOOP 2DROP TRUE ;

VARIABLE PATTERN
VARIABLE WIDTH
: PATTERN! ( c-addr u -- ) WIDTH ! PATTERN ! ;
: AT? ( c-addr -- flag ) PATTERN @ WIDTH @ SAME? ;

: PLAIN ( -- n )
   0 SIZE WIDTH @ - 1+ 0 DO TEXT I + AT? IF 1+ THEN LOOP ;

: END ( -- n ) WIDTH @ 1- ;
: PREPARE ( -- )
   256 0 DO WIDTH @ SHIFTS I CELLS + ! LOOP
   END 0 ?DO END I - PATTERN @ I + C@ CELLS SHIFTS + ! LOOP ;
: SHIFT ( c-addr -- n ) END + C@ CELLS SHIFTS + @ ;

: HORSPOOL ( -- n )
   PREPARE 0
   TEXT BEGIN DUP TEXT SIZE + WIDTH @ - > 0= WHILE
      DUP AT? IF SWAP 1+ SWAP THEN
      DUP SHIFT +
   REPEAT DROP ;

: BOTH ( n c-addr u -- n ) PATTERN! PLAIN + HORSPOOL + ;

: ROUND ( n -- n )
   S" abc" BOTH S" deed" BOTH S" aaaaa" BOTH S" cabbed" BOTH S" abcdeabc" BOTH
   S" eeeeeeeeeeee" BOTH S" a" BOTH S" dcbadcba" BOTH ;

: RUN ( n -- n ) 0 SWAP 0 DO ROUND LOOP ;

1 SEED ! FILL-TEXT 10 RUN . CR
BYE
