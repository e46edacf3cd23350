\ Double-cell numbers: the DOUBLE word set with its extensions.
\
\ A double is two cells, the more significant one on top. D+, D- and DNEGATE are instructions; sums
\ wrap as those of single cells do, and quotients are floored as theirs are.

\ ---- Comparison --------------------------------------------------------------------------------

: D0= ( xd -- flag ) OR 0= ;
: D0< ( d -- flag ) NIP 0< ;
: D= ( xd1 xd2 -- flag ) D- D0= ;
\ The less significant cells decide only where the others are equal, and have no sign.
: D< ( d1 d2 -- flag ) ROT 2DUP = IF 2DROP U< ELSE > NIP NIP THEN ;
: DU< ( ud1 ud2 -- flag ) ROT 2DUP = IF 2DROP U< ELSE U> NIP NIP THEN ;
: DMAX ( d1 d2 -- d3 ) 2OVER 2OVER D< IF 2SWAP THEN 2DROP ;
: DMIN ( d1 d2 -- d3 ) 2OVER 2OVER D< 0= IF 2SWAP THEN 2DROP ;

\ ---- Arithmetic --------------------------------------------------------------------------------

: 2ROT ( x1 x2 x3 x4 x5 x6 -- x3 x4 x5 x6 x1 x2 ) 2>R 2SWAP 2R> 2SWAP ;
: D>S ( d -- n ) DROP ;
: M+ ( d1 n -- d2 ) S>D D+ ;
: DABS ( d -- ud ) DUP 0< IF DNEGATE THEN ;
: D2* ( xd1 -- xd2 ) 2DUP D+ ;
: D2/ ( xd1 -- xd2 ) DUP 63 LSHIFT >R 2/ SWAP 1 RSHIFT R> OR SWAP ;

\ A triple is three cells, the most significant one on top.
: (UT*) ( ud u -- ut ) TUCK UM* 2>R UM* 0 2R> D+ ;
: (UT/MOD) ( ut u1 -- u2 ud ) DUP >R UM/MOD R> SWAP >R UM/MOD R> ;
\ The work is done with magnitudes. With a remainder of at least one, the floored quotient is
\ -(q + 1), which is q inverted; the sign that a quotient must have tells whether it fits.
: M*/ ( d1 n1 +n2 -- d2 )
  DUP 0< IF -24 THROW THEN
  >R 2DUP XOR 0< R> SWAP >R >R
  ABS >R DABS R> (UT*) R> (UT/MOD)
  ROT R> IF
    IF INVERT SWAP INVERT SWAP TRUE ELSE DNEGATE 2DUP D0= 0= THEN
  ELSE
    DROP FALSE
  THEN
  OVER 0< <> IF -11 THROW THEN ;

\ ---- Output ------------------------------------------------------------------------------------

: (SIGNED-DOUBLE) ( d -- c-addr u ) TUCK DABS <# #S ROT SIGN #> ;
: D. ( d -- ) (SIGNED-DOUBLE) TYPE SPACE ;
: D.R ( d width -- ) >R (SIGNED-DOUBLE) R> (RIGHT) ;

\ ---- Defining words ----------------------------------------------------------------------------

: 2LITERAL ( x1 x2 -- ) SWAP (literal) (literal) ; IMMEDIATE COMPILE-ONLY
: 2VARIABLE ( "name" -- ) CREATE 0 , 0 , ;
: 2CONSTANT ( x1 x2 "name" -- ) (NAME) 4 ALIGN HERE (header) DROP , , ['] 2@ (LATEST) @ (as) ;
: 2VALUE ( x1 x2 "name" -- ) (NAME) 548 ALIGN HERE (header) DROP , , ['] 2@ (LATEST) @ (as) ;
