\ Floating-point numbers: the FLOATING word set with its extensions.
\
\ Floats have a stack of their own, and most of what is done with them is an instruction. They are
\ IEEE binary64 and need no alignment in data space; words of 64 bits are those of a float, and
\ single floats are converted where they are fetched and stored.

\ ---- Data space --------------------------------------------------------------------------------

: FALIGNED ( addr -- f-addr ) ALIGNED ;
: FALIGN ( -- ) ALIGN ;
: DFALIGNED ( addr -- df-addr ) ALIGNED ;
: DFALIGN ( -- ) ALIGN ;
: SFALIGNED ( addr -- sf-addr ) 3 + -4 AND ;
: SFALIGN ( -- ) HERE SFALIGNED HERE - (allot) ;
: SFLOAT+ ( addr1 -- addr2 ) 4 + ;
: SFLOATS ( n1 -- n2 ) 2 LSHIFT ;
: SF@ ( addr -- ) ( F: -- r ) (sf@) ;
: SF! ( addr -- ) ( F: r -- ) (sf!) ;
: F, ( F: r -- ) HERE 8 (allot) F! ;

\ ---- Arithmetic --------------------------------------------------------------------------------

: F> ( F: r1 r2 -- ) ( -- flag ) FSWAP F< ;
: F>= ( F: r1 r2 -- ) ( -- flag ) FSWAP F<= ;
: F<> ( F: r1 r2 -- ) ( -- flag ) F= 0= ;
: F0> ( F: r -- ) ( -- flag ) FNEGATE F0< ;
: F0<> ( F: r -- ) ( -- flag ) F0= 0= ;
: FLOOR ( F: r1 -- r2 ) (floor) ;
: FROUND ( F: r1 -- r2 ) (fround) ;
: FTRUNC ( F: r1 -- r2 ) (ftrunc) ;
: FMOD ( F: r1 r2 -- r3 ) (fmod) ;
: F** ( F: r1 r2 -- r3 ) (f**) ;
: FEXP ( F: r1 -- r2 ) (fexp) ;
: FEXPM1 ( F: r1 -- r2 ) (fexpm1) ;
: FALOG ( F: r1 -- r2 ) (falog) ;
: FLN ( F: r1 -- r2 ) (fln) ;
: FLNP1 ( F: r1 -- r2 ) (flnp1) ;
: FLOG ( F: r1 -- r2 ) (flog) ;
: FSIN ( F: r1 -- r2 ) (fsin) ;
: FCOS ( F: r1 -- r2 ) (fcos) ;
: FSINCOS ( F: r1 -- r2 r3 ) FDUP (fsin) FSWAP (fcos) ;
: FTAN ( F: r1 -- r2 ) (ftan) ;
: FASIN ( F: r1 -- r2 ) (fasin) ;
: FACOS ( F: r1 -- r2 ) (facos) ;
: FATAN ( F: r1 -- r2 ) (fatan) ;
: FATAN2 ( F: r1 r2 -- r3 ) (fatan2) ;
: FSINH ( F: r1 -- r2 ) (fsinh) ;
: FCOSH ( F: r1 -- r2 ) (fcosh) ;
: FTANH ( F: r1 -- r2 ) (ftanh) ;
: FASINH ( F: r1 -- r2 ) (fasinh) ;
: FACOSH ( F: r1 -- r2 ) (facosh) ;
: FATANH ( F: r1 -- r2 ) (fatanh) ;

\ r3 above zero: apart by less than that; zero: the same bits; below: apart by less than that part
\ of both together.
: F~ ( F: r1 r2 r3 -- ) ( -- flag )
  FDUP F0= IF FDROP F>BITS F>BITS = EXIT THEN
  FDUP F0< IF
    FABS FROT FROT
    FOVER FABS FOVER FABS F+
    FROT FROT F- FABS
    FROT FROT F* F<
  ELSE
    FROT FROT F- FABS FSWAP F<
  THEN ;

\ ---- Text --------------------------------------------------------------------------------------

: >FLOAT ( c-addr u -- flag ) ( F: -- r | ) (>float) ;

: (BASE-TEN) ( -- ) BASE @ 10 <> IF -40 THROW THEN ;
\ No float has more digits than the primitive is asked for; what follows is zero.
1024 CONSTANT (MOST-DIGITS)
: REPRESENT ( c-addr u -- n flag1 flag2 ) ( F: r -- )
  (BASE-TEN)
  DUP (MOST-DIGITS) U> IF
    2DUP (MOST-DIGITS) /STRING 48 FILL DROP (MOST-DIGITS)
  THEN
  (represent) ;

: PRECISION ( -- u ) (PRECISION) @ ;
: SET-PRECISION ( u -- ) DUP 1 256 WITHIN 0= IF -24 THROW THEN (PRECISION) ! ;

: (ZEROES) ( n -- ) 0 MAX 0 ?DO 48 EMIT LOOP ;
\ A string of digits without the zeroes at its end, but one digit.
: (SIGNIFICANT) ( c-addr u1 -- c-addr u2 )
  BEGIN DUP 1 > WHILE 2DUP + 1- C@ 48 = WHILE 1- REPEAT THEN ;
\ Prints the sign and leaves the digits, the point being behind n of them.
: (FLOAT-DIGITS) ( -- c-addr u n ) ( F: r -- )
  (NUMBER-BUFFER) PRECISION REPRESENT DROP IF 45 EMIT THEN
  >R (NUMBER-BUFFER) PRECISION (SIGNIFICANT) R> ;
: (FIXED) ( c-addr u n -- )
  DUP 0> 0= IF ." 0." NEGATE (ZEROES) TYPE EXIT THEN
  2DUP > IF >R OVER R@ TYPE 46 EMIT R> /STRING TYPE EXIT THEN
  >R TUCK TYPE R> SWAP - (ZEROES) 46 EMIT ;
\ With n2 digits before the point, and so many powers of ten that it is where it belongs.
: (SCALED) ( c-addr u n1 n2 -- ) TUCK - >R (FIXED) 69 EMIT R> (PLAIN) ;

\ True of a number; any other float is printed.
: (NUMBER?) ( -- flag ) ( F: r -- r | )
  FDUP F>BITS 1 LSHIFT 53 RSHIFT 2047 < IF TRUE EXIT THEN
  FDUP FDUP F= IF F0< IF 45 EMIT THEN ." Infinity" ELSE FDROP ." NaN" THEN FALSE ;
: F. ( F: r -- ) (BASE-TEN) (NUMBER?) IF (FLOAT-DIGITS) (FIXED) THEN SPACE ;
: FS. ( F: r -- ) (BASE-TEN) (NUMBER?) IF (FLOAT-DIGITS) 1 (SCALED) THEN SPACE ;
: FE. ( F: r -- )
  (BASE-TEN) (NUMBER?) IF (FLOAT-DIGITS) DUP 1- 3 MOD 1+ (SCALED) THEN SPACE ;
: F.S ( -- )
  BASE @ DECIMAL
  60 EMIT FDEPTH (PLAIN) 62 EMIT SPACE
  FDEPTH 0 ?DO FDEPTH I - 1- FPICK FS. LOOP
  BASE ! ;

\ ---- Defining words ----------------------------------------------------------------------------

: FLITERAL ( F: r -- ) (float,) ; IMMEDIATE COMPILE-ONLY
: FVARIABLE ( "name" -- ) CREATE 0 , ;
: FCONSTANT ( "name" -- ) ( F: r -- ) (NAME) 4 ALIGN HERE (header) DROP F, ['] F@ (LATEST) @ (as) ;
: FVALUE ( "name" -- ) ( F: r -- ) (NAME) 4132 ALIGN HERE (header) DROP F, ['] F@ (LATEST) @ (as) ;

\ A field of n2 address units behind n1 of them.
: (FLOAT-FIELD:) ( n1 n2 "name" -- n3 )
  OVER + SWAP (NAME) ROT 4 SWAP (header) DROP ['] + (LATEST) @ (as) ;
: FFIELD: ( n1 "name" -- n2 ) FALIGNED 8 (FLOAT-FIELD:) ;
: DFFIELD: ( n1 "name" -- n2 ) DFALIGNED 8 (FLOAT-FIELD:) ;
: SFFIELD: ( n1 "name" -- n2 ) SFALIGNED 4 (FLOAT-FIELD:) ;

\ ---- Values ------------------------------------------------------------------------------------

: F>V ( F: r -- ) ( V: -- float ) (f>v) ;
: V>F ( V: float -- ) ( F: -- r ) (v>f) ;
