/* What one text of the configuration must look like: names, paths, addresses, URLs. */
#include "agent/config_parts.h"
#include "probes/reading.h"

#include <arpa/inet.h>
#include <ctype.h>

static bool complaint(char *why, size_t size, const char *text, const char *what)
{
	format_text(why, size, "'%.60s' is %s", text, what);
	return false;
}

bool name_valid(const char *text, char *why, size_t size)
{
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && (p == text || !strchr("._-", *p)))
			return complaint(why, size, text,
				"not a name: letters, digits and . _ - behind the first");
	return true;
}

bool path_valid(const char *text, char *why, size_t size)
{
	if (*text != '/')
		return complaint(why, size, text, "not an absolute path");
	if (strstr(text, "/../") || (strlen(text) >= 3 && !strcmp(text + strlen(text) - 3, "/..")))
		return complaint(why, size, text, "a path with '..' in it");
	return true;
}

/* ARRAY/KIND/NAME; whether there is such an array is asked later. */
bool component_id_valid(const char *text, char *why, size_t size)
{
	const char *kind = strchr(text, '/'), *name = kind ? strchr(kind + 1, '/') : NULL;
	char word[16];

	if (!name || kind == text || !name[1] || strlen(name + 1) >= NAME_MAX_LEN)
		return complaint(why, size, text, "not ARRAY/KIND/NAME, like san1/canister/B");
	format_text(word, sizeof(word), "%.*s", (int)(name - kind - 1), kind + 1);
	return kind_from_text(word) != KIND_NONE ||
	       complaint(why, size, text, "not of a known kind: canister, drive, path, psu, ...");
}

static bool is_address(const char *text)
{
	unsigned char raw[16];

	return inet_pton(AF_INET, text, raw) == 1 || inet_pton(AF_INET6, text, raw) == 1;
}

bool address_valid(const char *text, char *why, size_t size)
{
	return is_address(text) ||
	       complaint(
		       why, size, text, "not an IPv4 or IPv6 address; names are not resolved here");
}

static bool port_valid(const char *text)
{
	uint64_t port;

	return number_parse(text, &port) && port >= 1 && port <= 65535;
}

/* "1.2.3.4:80" or "[::1]:80" in two; false when it has no such form. */
static bool split_port(const char *text, char *host, size_t size, const char **ret_port)
{
	const char *colon = strrchr(text, ':');
	size_t len;

	if (!colon)
		return false;
	len = (size_t)(colon - text);
	if (*text == '[') {
		if (len < 2 || text[len - 1] != ']')
			return false;
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return false;
	}
	if (len >= size)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	*ret_port = colon + 1;
	return true;
}

bool listen_valid(const char *text, char *why, size_t size)
{
	char host[64];
	const char *port;

	if (!split_port(text, host, sizeof(host), &port))
		return complaint(
			why, size, text, "not ADDRESS:PORT, like 127.0.0.1:9877 or [::1]:9877");
	if (!is_address(host))
		return complaint(why, size, text,
			"not on an IPv4 or IPv6 address; names are not resolved here");
	return port_valid(port) || complaint(why, size, text, "without a port from 1 to 65535");
}

bool witness_valid(const char *text, char *why, size_t size)
{
	char host[64];
	const char *port;

	if (is_address(text))
		return true;
	if (split_port(text, host, sizeof(host), &port) && is_address(host) && port_valid(port))
		return true;
	return complaint(why, size, text, "not ADDRESS or ADDRESS:PORT");
}

/* @rest: behind "://". */
static bool authority_valid(const char *text, const char *rest, char *why, size_t size)
{
	size_t len = strcspn(rest, "/?#");
	char part[256], host[256];
	const char *port;

	if (!len || len >= sizeof(part))
		return complaint(why, size, text, "a URL without a host");
	memcpy(part, rest, len);
	part[len] = '\0';
	if (strchr(part, '@'))
		return complaint(why, size, "this URL",
			"one with a user or password in it; put it into url_file");
	for (const char *p = text; *p; p++)
		if (!isgraph((unsigned char)*p))
			return complaint(why, size, text,
				"not a URL: blanks and non-ASCII must be written as %XX");
	if (part[len - 1] == ']' || !strchr(part, ':'))
		return true;
	if (!split_port(part, host, sizeof(host), &port) || !*host)
		return complaint(why, size, text, "a URL whose host is not readable");
	return port_valid(port) ||
	       complaint(why, size, text, "a URL whose port is not one from 1 to 65535");
}

static bool schemes_valid(
	const char *text, const char *plain, const char *secure, char *why, size_t size)
{
	const char *at = strstr(text, "://");
	size_t len = at ? (size_t)(at - text) : 0;

	if ((len == strlen(plain) && !strncmp(text, plain, len)) ||
		(len == strlen(secure) && !strncmp(text, secure, len)))
		return authority_valid(text, at + 3, why, size);
	format_text(why, size, "'%.60s' does not start with %s:// or %s://", text, secure, plain);
	return false;
}

bool url_valid(const char *text, char *why, size_t size)
{
	return schemes_valid(text, "http", "https", why, size);
}

bool mail_url_valid(const char *text, char *why, size_t size)
{
	return schemes_valid(text, "smtp", "smtps", why, size);
}

/* From a file, so a user and password may be in it; and never said in an error. */
bool url_secret_valid(const char *text, bool mail)
{
	const char *at = strstr(text, "://");
	size_t len = at ? (size_t)(at - text) : 0;
	const char *plain = mail ? "smtp" : "http";

	if (strncmp(text, plain, 4) || (len != 4 && !(len == 5 && text[4] == 's')) ||
		!strcspn(at + 3, "/?#"))
		return false;
	for (; *text; text++)
		if (!isgraph((unsigned char)*text))
			return false;
	return true;
}

/* "Tue 10:00 Europe/Zurich": the zone's own name is for who computes the next date. */
bool weekly_valid(const char *text, char *why, size_t size)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	unsigned hour = 99, minute = 99;
	char day[4] = "", zone[40] = "";
	int n = sscanf(text, "%3s %2u:%2u %39s", day, &hour, &minute, zone);

	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		if (n >= 3 && !strcmp(day, days[i]) && hour < 24 && minute < 60)
			return true;
	return complaint(why, size, text, "not a weekly time like \"Tue 10:00 Europe/Zurich\"");
}
