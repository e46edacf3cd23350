\ What StarForth's words print; read as output/core.fth is.

\ out |0.33333 -0.33333 0.00000 1234.50000 |
OUT{ 21845 Q.PRINT -21845 Q.PRINT 0 Q.PRINT 80904192 Q.PRINT }OUT
\ out |-140737488355328.00000 140737488355327.99998 |
OUT{ MIN-INT Q.PRINT MAX-INT Q.PRINT }OUT
\ out |0.50000 FF |
OUT{ HEX 8000 Q.PRINT FF . DECIMAL }OUT
: HER-OUT ." out |" ;
: HER-LOG LOG-WARN" careful" LOG-DEBUG" unseen" ;
\ out |warning: careful
\ out |error: now
OUT{ HER-LOG HER-OUT LOG-ERROR" now" }OUT
