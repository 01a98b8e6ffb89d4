using System.Text.RegularExpressions;

namespace PersonalizationApi;

/// <summary>A user of a tenant. The tenant is empty if <see cref="ApiKeys"/> are off.</summary>
internal readonly partial record struct UserName(string Tenant, string Name)
{
    /// <summary>Tenant and user in one string. Neither may contain a slash.</summary>
    public string Key => Tenant.Length == 0 ? Name : $"{Tenant}/{Name}";

    public override string ToString() => Name;

    /// <summary>The user in the request's address; null if there is none or the name is not valid.</summary>
    public static UserName? Find(HttpContext context) =>
        context.GetRouteValue("user") is string name && Pattern().IsMatch(name) ? new UserName(ApiKeys.TenantOf(context), name) : null;

    /// <summary>ASP.NET Core calls this for a parameter of this type.</summary>
    public static ValueTask<UserName> BindAsync(HttpContext context) => ValueTask.FromResult(
        Find(context) ?? throw ApiException.Invalid("A user name must have 1 to 64 letters (a to z), digits, '-' and '_'."));

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex Pattern();
}
