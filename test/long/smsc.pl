#!/usr/bin/perl
# An SMSC by Net::SMPP: takes a bind, hands over the messages that standard input has, and waits for the unbind.
# It prints one line of JSON for each step.
use strict;
use warnings;
use JSON::PP;
use Net::SMPP;

$| = 1;
my $plan = decode_json(do { local $/; <STDIN> });
sub tell_test { print encode_json($_[0]), "\n" }

my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34) or die "no port: $!";
tell_test({ port => $listener->sockport + 0 });

while (my $esme = $listener->accept) {
    my $bind = $esme->read_pdu or next;
    die 'not a bind of a receiver' unless $bind->{cmd} == 1 || $bind->{cmd} == 9;
    my $fits = $bind->{system_id} eq $plan->{system_id} && $bind->{password} eq $plan->{password};
    my $answer = $bind->{cmd} == 1 ? 'bind_receiver_resp' : 'bind_transceiver_resp';
    $esme->$answer(seq => $bind->{seq}, status => $fits ? 0 : 0x0e, system_id => 'perl');
    tell_test({ bind => $bind->{cmd}, fits => $fits ? 1 : 0 });
    next unless $fits;
    for my $message (@{ $plan->{messages} }) {
        my %fields = %$message;
        $fields{short_message} = pack('H*', delete $fields{hex});
        my $response = $esme->deliver_sm(%fields) or die 'no answer to a message';
        tell_test({ status => $response->{status} + 0 });
    }
    tell_test({ alive => $esme->enquire_link->{status} + 0 });
    while (my $pdu = $esme->read_pdu) {
        $esme->enquire_link_resp(seq => $pdu->{seq}) if $pdu->{cmd} == 0x15;
        next unless $pdu->{cmd} == 6;
        $esme->unbind_resp(seq => $pdu->{seq});
        tell_test({ unbind => 1 });
        exit 0;
    }
}
