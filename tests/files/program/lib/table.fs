\ A table of names and how often each was met, in the order of first meeting.

require strings.fs

100 constant entry-limit
24 constant name-limit
variable used
: entries ( -- n ) used @ ;

: part ( n1 u "name" -- n2 ) create over , + does> ( addr1 -- addr2 ) @ + ;
0 1 cells part >times
  1 cells part >length
  name-limit part >name
aligned constant /entry
create table entry-limit /entry * allot

: nth-entry ( n -- addr ) /entry * table + ;
: entry-name ( addr -- c-addr u ) dup >name swap >length @ ;
: find-entry ( c-addr u -- addr true | false )
  entries 0 ?do
    2dup i nth-entry entry-name compare 0= if 2drop i nth-entry true unloop exit then
  loop 2drop false ;
: new-entry ( c-addr u -- addr )
  entries entry-limit = abort" too many words"
  name-limit min entries nth-entry >r 1 used +!
  dup r@ >length ! r@ >name swap move 0 r@ >times ! r> ;
: add-entry ( c-addr u -- )
  2dup find-entry if nip nip else new-entry then 1 swap >times +! ;
