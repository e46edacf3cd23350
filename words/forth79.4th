\ Words of older Forths and of StarForth that the standard has not, or no longer.
\ docs/HERITAGE.md says what has become of each of them. EXPECT and QUERY are in console.4th.

\ ---- Arithmetic --------------------------------------------------------------------------------

: 2+ ( n1 -- n2 ) 2 + ;
: 2- ( n1 -- n2 ) 2 - ;
: -! ( n a-addr -- ) SWAP NEGATE SWAP +! ;
: M- ( d1 n -- d2 ) S>D D- ;
\ The quotient is a double-cell number, so it always fits.
: M/MOD ( ud1 u1 -- u2 ud2 ) >R 0 R@ UM/MOD R> SWAP >R UM/MOD R> ;

\ ---- Text --------------------------------------------------------------------------------------

: SCAN ( c-addr1 u1 char -- c-addr2 u2 )
  >R BEGIN DUP WHILE OVER C@ R@ <> WHILE 1 /STRING REPEAT THEN R> DROP ;
: SKIP ( c-addr1 u1 char -- c-addr2 u2 )
  >R BEGIN DUP WHILE OVER C@ R@ = WHILE 1 /STRING REPEAT THEN R> DROP ;
\ The offsets of the word's first character, of what ends it, and of what comes then. A character of
\ code 0 ends everything, and is a word by itself.
: ENCLOSE ( c-addr char -- c-addr u1 u2 u3 )
  OVER >R SWAP
  BEGIN 2DUP C@ = WHILE 1+ REPEAT
  DUP C@ 0= IF NIP R@ - R> SWAP DUP 1+ OVER EXIT THEN
  DUP R@ - -ROT
  BEGIN 2DUP C@ <> OVER C@ 0<> AND WHILE 1+ REPEAT
  NIP DUP R@ - SWAP C@ 0<> NEGATE OVER +
  R> -ROT >R >R SWAP R> R> ;
: CONVERT ( ud1 c-addr1 -- ud2 c-addr2 ) 1+ BEGIN 1 >NUMBER 0= WHILE REPEAT ;
: NUMBER ( c-addr -- d )
  COUNT (number) DUP 0= IF -24 THROW THEN 1 = IF DROP S>D THEN ;

\ ---- Input and leaving -------------------------------------------------------------------------

USER SPAN         \ characters that EXPECT got
: TIB ( -- c-addr ) (INPUT-BUFFER) ;
: #TIB ( -- a-addr ) (SOURCE-LENGTH) ;
: ?TERMINAL ( -- flag ) KEY? ;
: WARM ( i*x -- ) ABORT ;
: WAIT ( u -- ) MS ;
: VERSION ( -- ) ." Stele VM v" (version) TYPE CR ;

\ ---- Random numbers ----------------------------------------------------------------------------
\
\ SplitMix64 (Steele, Lea and Flood, 2014): a counter, and a function that mixes its bits. The same
\ seed gives the same numbers everywhere; an instance begins with seed 0.

USER (SEED)

: SEED ( u -- ) (SEED) ! ;
: RANDOM ( -- u )
  -7046029254386353131 (SEED) @ + DUP (SEED) !
  DUP 30 RSHIFT XOR -4658895280553007687 *
  DUP 27 RSHIFT XOR -7723592293110705685 *
  DUP 31 RSHIFT XOR ;
