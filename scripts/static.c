/*
 * Goes into the static binary for Linux, before main. The C library looks up names by what /etc/nsswitch.conf lists, and loads the system's
 * libraries for it. Those are of that system's C library: where it is an older one than the program's, as in Debian 11 or RHEL 8, loading
 * them ends the program. Files and DNS are in the program itself; no other way to find a host or a user works from a static one.
 */
#include <nss.h>

__attribute__((constructor)) static void look_up_names_without_libraries(void)
{
    static const char *const files[] = {"passwd", "group", "services", "protocols", "networks"};
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
        __nss_configure_lookup(files[i], "files");
    __nss_configure_lookup("hosts", "files dns");
}
