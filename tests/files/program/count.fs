#! /usr/bin/env stele
\ Counts the words of a text: an ordinary program, in several files, of standard words alone.

require lib/table.fs
require lib/strings.fs

( What counts as a word is a run of letters;
  the case of letters does not matter. )

256 constant line-limit
create line-buffer line-limit 2 + allot

: count-words ( -- ) begin next-word dup while 2dup lower add-entry repeat 2drop ;

: count-lines {: file -- lines :}
  0 begin
    line-buffer line-limit file read-line throw
  while
    line-buffer swap text! count-words 1+
  repeat drop ;

: count-file ( c-addr u -- lines )
  r/o open-file throw >r r@ count-lines r> close-file throw ;

: report ( -- )
  entries 0 ?do
    i nth-entry dup >times @ 4 .r space entry-name type cr
  loop ;

: missing? ( c-addr u -- flag ) ['] count-file catch dup if nip nip else nip then 0<> ;

[undefined] report [if]
  ." this is not interpreted" [else]
s" text.txt" count-file . .( lines) cr
report
[then]
s" nowhere.txt" missing? [if] .( no other text) cr [then]

\ What was counted is written out and read back.
: save {: | file -- :}
  s" counts.txt" w/o create-file throw to file
  entries 0 ?do
    i nth-entry dup entry-name file write-file throw s"  " file write-file throw
    >times @ 0 <# #s #> file write-line throw
  loop file close-file throw ;

save
s" counts.txt" count-file . ." lines again" cr
s" counts.txt" delete-file throw
:noname ( -- ) report ; execute
