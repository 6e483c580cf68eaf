/* The page's own files, as bytes; assets.c is made by embed.py. */
#pragma once
#include <stddef.h>

extern const unsigned char asset_style[], asset_script[];
extern const size_t asset_style_len, asset_script_len;
