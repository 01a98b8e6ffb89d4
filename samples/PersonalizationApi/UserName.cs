using System.Text.RegularExpressions;

namespace PersonalizationApi;

/// <summary>A user of a tenant; the tenant is empty where <see cref="ApiKeys"/> are off.</summary>
internal readonly partial record struct UserName(string Tenant, string Name)
{
    /// <summary>Both in one: neither may hold a slash.</summary>
    public string Key => Tenant.Length == 0 ? Name : $"{Tenant}/{Name}";

    public override string ToString() => Name;

    /// <summary>The user that the request's address names; null where it names none, or none that could be.</summary>
    public static UserName? Find(HttpContext context) =>
        context.GetRouteValue("user") is string name && Pattern().IsMatch(name) ? new UserName(ApiKeys.TenantOf(context), name) : null;

    /// <summary>What ASP.NET Core calls for a parameter of this type.</summary>
    public static ValueTask<UserName> BindAsync(HttpContext context) => ValueTask.FromResult(
        Find(context) ?? throw ApiException.Invalid("A user is named by 1 to 64 letters (a to z), digits, '-' and '_'."));

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex Pattern();
}
