<?php
// Fill an empty database as the installer's form does: php install.php
define( 'WP_INSTALLING', true );
function wp_new_blog_notification() {} // a letter to the owner
require getcwd() . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install( 'Peers', 'ida', 'ida@example.org', true, '', 'not used' );
foreach ( array(
	'thread_comments'              => 1,
	'thread_comments_depth'        => 10, // as deep as its settings go; 5 unless set
	'comment_moderation'           => 0,
	'comment_previously_approved'  => 0,
	'comments_notify'              => 0, // letters
	'moderation_notify'            => 0,
) as $name => $value ) {
	update_option( $name, $value );
}
