\ Messages of a program about itself, with how much they matter. The words are StarForth's.

0 CONSTANT LOG-ERROR
1 CONSTANT LOG-WARN
2 CONSTANT LOG-INFO
3 CONSTANT LOG-TEST
4 CONSTANT LOG-DEBUG

USER (LOG-LEVEL)  \ the level less LOG-INFO, so that it begins as that

: LOG-LEVEL@ ( -- n ) (LOG-LEVEL) @ LOG-INFO + ;
: LOG-LEVEL! ( n -- ) LOG-ERROR MAX LOG-DEBUG MIN LOG-INFO - (LOG-LEVEL) ! ;

: (LOG-NAME) ( n -- )
  CASE
    LOG-ERROR OF ." error" ENDOF
    LOG-WARN OF ." warning" ENDOF
    LOG-INFO OF ." info" ENDOF
    LOG-TEST OF ." test" ENDOF
    ." debug"
  ENDCASE ;
: (LOG) ( c-addr u n -- )
  DUP LOG-LEVEL@ > IF DROP 2DROP EXIT THEN
  (LOG-NAME) ." : " TYPE CR ;
: (LOG") ( "text" n -- )
  34 PARSE STATE @ IF POSTPONE SLITERAL (literal) POSTPONE (LOG) ELSE ROT (LOG) THEN ;
: LOG-ERROR" ( "text" -- ) LOG-ERROR (LOG") ; IMMEDIATE
: LOG-WARN" ( "text" -- ) LOG-WARN (LOG") ; IMMEDIATE
: LOG-INFO" ( "text" -- ) LOG-INFO (LOG") ; IMMEDIATE
: LOG-TEST" ( "text" -- ) LOG-TEST (LOG") ; IMMEDIATE
: LOG-DEBUG" ( "text" -- ) LOG-DEBUG (LOG") ; IMMEDIATE
