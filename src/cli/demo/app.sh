#!/bin/sh
# The application of the demo. It answers with its version.
echo "hello from version 1"
