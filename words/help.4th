\ Help on words. What it says is written in words/help/ and lies packed in the system; here is only
\ how it is asked for.

: (PAGE) ( n -- ) 0 BEGIN (help-line) DUP 0< UNTIL 2DROP ;
: (PAGES) ( n count -- ) OVER + SWAP ?DO I (PAGE) LOOP ;
\ Of a program's word there is where it comes from, with the lines there as far as they are known.
: (PROGRAMS?) ( c-addr u -- xt flag ) (find) IF DUP (own?) 0= ELSE FALSE THEN ;
: (ORIGIN-PAGE) ( xt -- )
  DUP (NAME-TYPE) ."  is a word of the program's" (word-place) DROP
  2DUP OR IF ." , from " 2DUP (AT) CR (SHOW-AROUND) ELSE 2DROP CR THEN ;
: (NO-PAGE) ( c-addr u -- )
  2DUP (find) NIP IF TYPE ."  is a word of the system's own" CR EXIT THEN
  ." there is no " 2DUP TYPE
  (NEAREST) IF ."  (did you mean " (NAME-TYPE) 63 EMIT 41 EMIT ELSE DROP THEN CR ;
: HELP ( "name" -- )
  (BELOW) PARSE-NAME
  2DUP (PROGRAMS?) IF NIP NIP (ORIGIN-PAGE) EXIT THEN DROP
  2DUP (help-find) DUP IF 2SWAP 2DROP (PAGES) ELSE 2DROP (NO-PAGE) THEN ;
