#!/bin/sh
# Makes the certificates of the TLS tests anew, into the folder of this script: a good one of each kind of key, and one
# bad one for each reason. Needs Debian's openssl. The keys are for tests only.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

authority() { # file, name
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" \
        -days 36500 -subj "/CN=$2" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign 2>/dev/null
}

key() { # file, kind
    case $2 in
    rsa) openssl genrsa -out "$1.key" 2048 2>/dev/null ;;
    *) openssl ecparam -name "$2" -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key" ;;
    esac
}

# file, kind of key, authority, host name, first day, last day, purpose
certificate() {
    key "$1" "$2"
    openssl req -new -key "$1.key" -subj "/CN=$4" -out "$work/request"
    rm -rf "$work/ca" && mkdir "$work/ca" && : >"$work/ca/index" && echo 01 >"$work/ca/serial"
    cat >"$work/config" <<END
[ca]
default_ca = this
[this]
database = $work/ca/index
serial = $work/ca/serial
new_certs_dir = $work/ca
default_md = sha256
policy = policy
x509_extensions = extensions
unique_subject = no
[policy]
commonName = supplied
[extensions]
basicConstraints = CA:FALSE
extendedKeyUsage = $7
subjectAltName = DNS:$4
END
    openssl ca -batch -config "$work/config" -cert "$3.pem" -keyfile "$3.key" -notext \
        -startdate "$5" -enddate "$6" -in "$work/request" -out "$1.pem" 2>/dev/null
}

authority "$work/authority" "Threadsnake test authority"
authority "$work/stranger" "Unknown authority"
cp "$work/authority.pem" authority.pem
certificate good prime256v1 "$work/authority" board.test 20200101000000Z 21200101000000Z serverAuth
certificate rsa rsa "$work/authority" board.test 20200101000000Z 21200101000000Z serverAuth
certificate client prime256v1 "$work/authority" client.test 20200101000000Z 21200101000000Z clientAuth
certificate expired prime256v1 "$work/authority" board.test 20200101000000Z 20210101000000Z serverAuth
certificate future prime256v1 "$work/authority" board.test 21190101000000Z 21200101000000Z serverAuth
certificate host prime256v1 "$work/authority" elsewhere.test 20200101000000Z 21200101000000Z serverAuth
certificate purpose prime256v1 "$work/authority" board.test 20200101000000Z 21200101000000Z clientAuth
certificate unknown prime256v1 "$work/stranger" board.test 20200101000000Z 21200101000000Z serverAuth
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout selfsigned.key -out selfsigned.pem \
    -days 36500 -subj /CN=board.test -addext subjectAltName=DNS:board.test 2>/dev/null
