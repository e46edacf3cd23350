\ Values: what programs do with them beside moving them about.
\
\ A value never changes; a word that changes one leaves another. ( V: … -- … ) is the effect on the
\ value stack, on which values are and nothing else. docs/VALUES.md has each word with an example.

\ ---- From cells and to cells -------------------------------------------------------------------

: NIL ( V: -- nil ) (nil) ;
: >BOOLEAN ( flag -- ) ( V: -- boolean ) (>boolean) ;
: BOOLEAN> ( -- flag ) ( V: boolean -- ) (boolean>) ;
: >CHARACTER ( u -- ) ( V: -- character ) (>character) ;
: CHARACTER> ( -- u ) ( V: character -- ) (character>) ;
: INTEGER>FLOAT ( V: integer -- float ) (integer>float) ;
: >CAPABILITY ( u -- ) ( V: -- capability ) (>capability) ;
: CAPABILITY> ( -- u ) ( V: capability -- ) (capability>) ;
: >TEXT ( c-addr u -- ) ( V: -- text ) (>text) ;
: >BYTES ( c-addr u -- ) ( V: -- bytes ) (>bytes) ;
\ Copies as much as there is room for; u2 is how long it is. Text or bytes.
: CONTENTS> ( c-addr u1 -- u2 ) ( V: x -- ) (contents>) ;

\ ---- Kinds -------------------------------------------------------------------------------------

: KIND ( -- n ) ( V: x -- ) (kind) ;
: NIL? ( -- flag ) ( V: x -- ) KIND 0= ;
: BOOLEAN? ( -- flag ) ( V: x -- ) KIND 1 = ;
: INTEGER? ( -- flag ) ( V: x -- ) KIND 2 = ;
: FLOAT? ( -- flag ) ( V: x -- ) KIND 3 = ;
: CHARACTER? ( -- flag ) ( V: x -- ) KIND 4 = ;
: TEXT? ( -- flag ) ( V: x -- ) KIND 5 = ;
: BYTES? ( -- flag ) ( V: x -- ) KIND 6 = ;
: ATOM? ( -- flag ) ( V: x -- ) KIND 7 = ;
: CAPABILITY? ( -- flag ) ( V: x -- ) KIND 8 = ;
: VECTOR? ( -- flag ) ( V: x -- ) KIND 10 = ;
: RECORD? ( -- flag ) ( V: x -- ) KIND 11 = ;
: SET? ( -- flag ) ( V: x -- ) KIND 12 = ;
: MAP? ( -- flag ) ( V: x -- ) KIND 13 = ;

\ ---- What has parts ----------------------------------------------------------------------------

: SIZE ( -- u ) ( V: x -- ) (size) ;
: SLICE ( from to -- ) ( V: x1 -- x2 ) (slice) ;
: CONCAT ( V: x1 x2 -- x3 ) (concat) ;
: VECTOR ( n -- ) ( V: x1 … xn -- vector ) (gather) ;
: NTH ( n -- ) ( V: x1 -- x2 ) (nth) ;
: PUT-NTH ( n -- ) ( V: x1 x -- x2 ) (put-nth) ;
: PUSH ( V: vector1 x -- vector2 ) (push) ;
: POP ( V: vector1 -- vector2 x ) (pop) ;
: RECORD ( type n -- ) ( V: x1 … xn -- record ) (record) ;
: RECORD-TYPE ( -- type ) ( V: record -- ) (record-type) ;

: GET ( V: collection key -- x ) (get) ;
: GET-OR ( V: collection key x1 -- x2 ) (get-or) ;
: HAS? ( -- flag ) ( V: collection key -- ) (has?) ;
: PUT ( V: collection1 key x -- collection2 ) (put) ;
: INSERT ( V: set1 x -- set2 ) (insert) ;
: REMOVE ( V: collection1 key -- collection2 ) (remove) ;
: KEYS ( V: collection -- vector ) (keys) ;
: VALS ( V: map -- vector ) (vals) ;
: ROW ( V: x -- vector ) (row) ;
: SORTED ( V: collection -- vector ) (sorted) ;

\ ---- Equality, order, hash ---------------------------------------------------------------------

: V= ( -- flag ) ( V: x1 x2 -- ) (v=) ;
: IDENTICAL? ( -- flag ) ( V: x1 x2 -- ) (identical?) ;
: VCOMPARE ( -- n ) ( V: x1 x2 -- ) (vcompare) ;
: VHASH ( -- u ) ( V: x -- ) (vhash) ;

\ ---- The text form -----------------------------------------------------------------------------

: V. ( V: x -- ) (v.) SPACE ;
: .V ( -- )
  60 EMIT VDEPTH (PLAIN) 62 EMIT SPACE
  VDEPTH 0 ?DO VDEPTH I - 1- VPICK V. LOOP ;
: VTYPE ( V: text -- ) (type-value) ;
: READ-VALUE ( c-addr u -- ) ( V: -- x ) (read-all) ;
: WRITE-VALUE ( c-addr u1 -- u2 ) ( V: x -- ) (write-value) ;

\ ---- In definitions ----------------------------------------------------------------------------

: VCONSTANT ( "name" -- ) ( V: x -- )
  (NAME) (constant,) 4 SWAP (header) DROP ['] (VALUE) (LATEST) @ (as) ;

\ ---- Words that run others ---------------------------------------------------------------------
\
\ The row of what is gone through lies on the value stack, below what the word that is run takes,
\ and its number and the place on the return stack; so the word has the data stack to itself.

: EACH ( i*x xt -- j*x ) ( V: collection -- )
  >R (row) 0
  BEGIN VDUP SIZE OVER > WHILE
    VDUP DUP NTH R@ SWAP 1+ >R EXECUTE R>
  REPEAT DROP R> DROP VDROP ;
: FOLD ( i*x xt -- j*x ) ( V: collection x1 -- x2 )
  >R VSWAP (row) VSWAP 0
  BEGIN VOVER SIZE OVER > WHILE
    VOVER DUP NTH R@ SWAP 1+ >R EXECUTE R>
  REPEAT DROP R> DROP VNIP ;
: COLLECT ( i*x xt -- j*x ) ( V: collection -- vector )
  >R (row) (vector) 0
  BEGIN VOVER SIZE OVER > WHILE
    VOVER DUP NTH R@ SWAP 1+ >R EXECUTE R> PUSH
  REPEAT DROP R> DROP VNIP ;
: SELECT ( i*x xt -- j*x ) ( V: collection -- vector )
  >R (row) (vector) 0
  BEGIN VOVER SIZE OVER > WHILE
    VOVER DUP NTH VDUP R@ SWAP 1+ >R EXECUTE IF PUSH ELSE VDROP THEN R>
  REPEAT DROP R> DROP VNIP ;

\ ---- Atoms -------------------------------------------------------------------------------------

: ATOM ( V: x -- atom ) (atom) ;
: ATOM-NUMBER ( -- u ) ( V: atom -- ) (atom-number) ;
: FETCH ( V: atom -- x ) (load) ;
: EXCHANGE ( V: x1 atom -- x2 ) (exchange) ;
: STORE ( V: x atom -- ) (exchange) VDROP ;
: CAS ( -- flag ) ( V: x1 x2 atom -- ) (cas) ;
: ALTER ( i*x xt -- j*x ) ( V: atom -- )
  >R BEGIN VDUP FETCH VDUP R@ EXECUTE 2 VPICK CAS UNTIL R> DROP VDROP ;
\ An inner transaction hands what it has done to the outer one; only the end of the outermost can
\ find that somebody else was first. It throws then, so the stacks are again as deep as before. A
\ throw gives up what was begun under the handler it goes to, so there is nothing to tidy up here.
: (ATTEMPT) ( i*x xt -- j*x ) (begin-transaction) EXECUTE (commit) 0= IF -296 THROW THEN ;
: TRANSACT ( i*x xt -- j*x )
  (PUT-DEPTH) @ >R >R BEGIN
    R@ ['] (ATTEMPT) (CATCH)
    DUP IF DUP -296 <> IF DUP THROW THEN NIP 2R@ DROP (PUT-DEPTH) ! THEN
  0= UNTIL 2R> 2DROP ;

\ ---- The heap ----------------------------------------------------------------------------------

: GC ( -- ) (gc) ;
: .HEAP ( -- ) (BELOW) (.heap) ;
