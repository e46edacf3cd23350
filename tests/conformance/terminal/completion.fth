\ Names completed by Tab. This source must itself arrive as typed input: the Tabs in it are keys.
SUITE terminal/completion

: ZEBRA ( -- n ) 7 ;
: ZEBRA-ONE ( -- n ) 1 ;
: ZEBRA-TWO ( -- n ) 2 ;
: quaggaMare ( -- n ) 3 ;
\ The n characters of the line that come after T{ and a blank.
: TYPED? ( c-addr u -- flag ) SOURCE 3 /STRING 2 PICK MIN COMPARE 0= ;

\ One name begins so: it is completed, and a blank follows.
T{ 1 2 SWA	-> 2 1 }T
T{ ZEBRA-O	-> 1 }T
T{ ZEBRA-O	ZEBRA-T	-> 1 2 }T
T{ 1 2 SWAP	-> 2 1 }T

\ Several do: as far as they agree, and what parts them is typed.
T{ ZEBRA-	ONE -> 1 }T
T{ ZEB	 -> 7 }T
T{ ZEB	-TWO -> 2 }T

\ The rest is written as the letters typed are, or as the name is if it was begun to the letter.
T{ zebra-o	S" zebra-one" TYPED? -> 1 -1 }T
T{ ZEBRA-O	S" ZEBRA-ONE" TYPED? -> 1 -1 }T
T{ Zebra-o	S" Zebra-one" TYPED? -> 1 -1 }T
T{ quag	S" quaggaMare" TYPED? -> 3 -1 }T
T{ QUAG	S" QUAGGAMARE" TYPED? -> 3 -1 }T
T{ Quag	S" Quaggamare" TYPED? -> 3 -1 }T

\ Where nothing can be added a second Tab lists the names, and the line goes on.
T{ ZEBRA-		TWO -> 2 }T
T{ 5 ZEBRA-		ONE + -> 6 }T

\ Where no name begins so, and where no word precedes, a Tab is a blank.
T{ 12	34	+ -> 46 }T
T{		12 	 -> 12 }T

\ A Tab that could not choose is one as well, when a word follows one that is whole.
T{ ZEBRA	1+ -> 8 }T
T{ 3 4	+	2* -> 14 }T

\ Of words with the same name the one that is found counts once.
: ZEBRA-ONE ( -- n ) 10 ;
T{ ZEBRA-O	-> 10 }T

\ What is typed into ACCEPT is no line of the prompt.
CREATE STRIPES 20 CHARS ALLOT
T{ STRIPES 20 ACCEPT
zebra-o	x
STRIPES SWAP S" zebra-o x" COMPARE -> 0 }T
