\ CORE EXT: what its words refuse, with the codes they throw.
SUITE core-ext/errors

\ clause 6.2.1930 NIP
T{ THROWS| 1 NIP| -> -4 }T

\ clause 6.2.2300 TUCK
T{ THROWS| 1 TUCK| -> -4 }T

\ clause 6.2.2030 PICK
T{ THROWS| PICK| -> -4 }T
T{ THROWS| 0 PICK| -> -4 }T
T{ THROWS| 1 2 2 PICK| -> -4 }T
T{ THROWS| 1 2 -1 PICK| -> -4 }T
T{ THROWS| 1 2 MAX-INT PICK| -> -4 }T

\ clause 6.2.2150 ROLL
T{ THROWS| ROLL| -> -4 }T
T{ THROWS| 1 2 2 ROLL| -> -4 }T
T{ THROWS| 1 2 MIN-INT ROLL| -> -4 }T

\ clause 6.2.2295 TO
T{ THROWS| 5 TO DUP| -> -32 }T
T{ THROWS| 5 TO NO-SUCH-WORD-AT-ALL| -> -13 }T
T{ THROWS| 5 TO | -> -16 }T
T{ THROWS| : ERR-X TO DUP ;| -> -32 }T

\ clause 6.2.2405 VALUE
T{ THROWS| 5 VALUE | -> -16 }T
T{ THROWS| VALUE ERR-V| -> -4 }T

\ clause 6.2.1173 DEFER
DEFER NEVER-SET
T{ THROWS| NEVER-SET| 0= -> 0 }T
T{ THROWS| DEFER | -> -16 }T

\ clause 6.2.1725 IS
T{ THROWS| ' DUP IS DROP| -> -32 }T
T{ THROWS| ' DUP IS NO-SUCH-WORD-AT-ALL| -> -13 }T

\ clause 6.2.1177 DEFER@
T{ THROWS| ' DUP DEFER@| -> -32 }T

\ clause 6.2.1175 DEFER!
T{ THROWS| ' DUP ' DROP DEFER!| -> -32 }T

\ clause 6.2.0620 ?DO
T{ THROWS| ?DO| -> -14 }T
T{ THROWS| : ERR-X 0 0 ?DO ;| -> -22 }T

\ clause 6.2.0700 AGAIN
T{ THROWS| AGAIN| -> -14 }T
T{ THROWS| : ERR-X AGAIN ;| -> -22 }T
T{ THROWS| : ERR-X IF AGAIN ;| -> -22 }T

\ clause 6.2.0873 CASE
T{ THROWS| 1 CASE| -> -14 }T
T{ THROWS| : ERR-X CASE ;| -> -22 }T
T{ THROWS| : ERR-X CASE 1 OF ENDCASE ;| -> -22 }T

\ clause 6.2.1950 OF
T{ THROWS| : ERR-X 1 OF ENDOF ;| -> -22 }T

\ clause 6.2.1343 ENDOF
T{ THROWS| : ERR-X CASE ENDOF ENDCASE ;| -> -22 }T

\ clause 6.2.1342 ENDCASE
T{ THROWS| : ERR-X ENDCASE ;| -> -22 }T

\ clause 6.2.0340 2>R
T{ THROWS| 1 2 2>R| -> -14 }T

\ clause 6.2.1350 ERASE
T{ THROWS| 0 8 ERASE| -> -9 }T

\ clause 6.2.0825 BUFFER:
T{ THROWS| 1 40 LSHIFT BUFFER: ERR-B| -> -8 }T
