<?php
// Change the theme, and whether comments are shown 50 threads a page: php theme.php THEME 0|1
require getcwd() . '/wp-load.php';
switch_theme( $argv[1] );
update_option( 'page_comments', (int) $argv[2] );
