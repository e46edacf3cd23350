\ Extended characters: the XCHAR word set with its extensions. CHAR, [CHAR] and PARSE are core words.
\
\ A character on the stack is a code point of Unicode, in memory its UTF-8. Where a word has to know the
\ end of a character and finds something else, it throws -77.

: XC-SIZE ( xchar -- u ) (xc-size) ;
: X-SIZE ( xc-addr u1 -- u2 ) DUP IF (xc@) THEN NIP ;
: XC@+ ( xc-addr1 -- xc-addr2 xchar ) DUP 4 (xc@) ROT + SWAP ;
: XC!+ ( xchar xc-addr1 -- xc-addr2 ) TUCK 4 (xc!) + ;
: XC!+? ( xchar xc-addr1 u1 -- xc-addr2 u2 flag )
  2DUP 2>R (xc!) 2R> ROT DUP >R /STRING R> 0<> ;
: XC, ( xchar -- ) DUP XC-SIZE HERE OVER (allot) SWAP (xc!) DROP ;
: XCHAR+ ( xc-addr1 -- xc-addr2 ) DUP 4 (xc@) NIP + ;
: XCHAR- ( xc-addr1 -- xc-addr2 ) DUP 4 (xc-before) - ;
: +X/STRING ( xc-addr1 u1 -- xc-addr2 u2 ) DUP IF 2DUP (xc@) NIP /STRING THEN ;
: X\STRING- ( xc-addr u1 -- xc-addr u2 ) DUP IF 2DUP + OVER (xc-before) - THEN ;
: -TRAILING-GARBAGE ( xc-addr u1 -- xc-addr u2 ) (garbage) ;

: XC-WIDTH ( xchar -- n ) (xc-width) ;
: X-WIDTH ( xc-addr u -- n )
  0 -ROT BEGIN DUP WHILE 2DUP (xc@) >R (xc-width) >R ROT R> + -ROT R> /STRING REPEAT 2DROP ;

: XEMIT ( xchar -- ) (xemit) ;
: XKEY ( -- xchar ) KEY (TYPED) ;
: XKEY? ( -- flag ) KEY? ;
: EKEY>XCHAR ( x -- x false | xchar true ) DUP $110000 U< ;
: XHOLD ( xchar -- ) (XC-BUFFER) DUP >R 4 (xc!) R> SWAP HOLDS ;
