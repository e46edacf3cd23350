\ ABORT and ABORT" as EXCEPTION EXT has them: they throw. CATCH and THROW are in errors/catch.fth; what is
\ said of an exception that nobody catches is in terminal/errors.fth.
SUITE exception/words

\ clause 9.6.2.0670 ABORT
T{ ' ABORT CATCH -> -1 }T
: EX-ABORTS 1 2 ABORT 3 ;
T{ 5 ' EX-ABORTS CATCH -> 5 -1 }T
T{ THROWS| ABORT| -> -1 }T
: EX-DEEP EX-ABORTS ;
: EX-HOLDS 7 >R ['] EX-DEEP CATCH R> ;
T{ EX-HOLDS -> -1 7 }T
\ As -1 THROW does, it restores the input source.
T{ S" ABORT 1 2 3" ' EVALUATE CATCH NIP NIP -> -1 }T

\ clause 9.6.2.0680 ABORT"
: EX-MESSAGE ABORT" not printed" ;
T{ 0 EX-MESSAGE -> }T
T{ 1 ' EX-MESSAGE CATCH NIP -> -2 }T
T{ -1 ' EX-MESSAGE CATCH NIP -> -2 }T
T{ 3 0 ' EX-MESSAGE CATCH -> 3 0 }T
: EX-TWO DUP ABORT" first" 1+ ABORT" second" ;
T{ 1 ' EX-TWO CATCH NIP 0 ' EX-TWO CATCH NIP -1 ' EX-TWO CATCH NIP -> -2 -2 -2 }T
: EX-INNER 1 ABORT" inner" ;
: EX-OUTER ['] EX-INNER CATCH 0= ABORT" outer" 9 ;
T{ EX-OUTER -> 9 }T
: EX-EMPTY ABORT" " ;
T{ 1 ' EX-EMPTY CATCH NIP -> -2 }T
T{ THROWS| 1 ABORT" x"| -> -14 }T

\ clause 9.6.1.2275 THROW
\ -1 and -2 thrown are ABORT and ABORT" (9.3.5): a handler sees the codes alone.
: EX-MINUS-1 -1 THROW ;
: EX-MINUS-2 -2 THROW ;
T{ ' EX-MINUS-1 CATCH ' EX-MINUS-2 CATCH -> -1 -2 }T

\ clause 9.6.1.0875 CATCH
\ The input source specification comes back (9.6.1.2275).
: EX-IN-TEXT S" 1 2 77 THROW 3 4" EVALUATE ;
T{ ' EX-IN-TEXT CATCH SOURCE-ID -> 77 SOURCE-ID }T
T{ S" 5 6" ' EVALUATE CATCH -> 5 6 0 }T
: EX-BASE HEX 77 THROW ;
\ BASE and STATE do not.
T{ ' EX-BASE CATCH BASE @ DECIMAL -> 77 16 }T

\ clause 6.1.1345 ENVIRONMENT?
T{ S" EXCEPTION" ENVIRONMENT? S" EXCEPTION-EXT" ENVIRONMENT? -> -1 -1 -1 -1 }T
