using System.Reflection;
using System.Reflection.Emit;

namespace MLNetMeta.Testing;

/// <summary>Which types a type uses: in its declaration, its members' signatures and its method bodies.</summary>
internal static class TypeDependencies
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> _opCodes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Every type that <paramref name="type"/> uses, generic arguments and element types included, itself excluded.</summary>
    public static IReadOnlySet<Type> Of(Type type)
    {
        var used = new HashSet<Type>();
        Add(used, type.BaseType);
        foreach (var contract in type.GetInterfaces())
        {
            Add(used, contract);
        }

        foreach (var member in type.GetMembers(Declared))
        {
            AddMember(used, member);
        }

        used.Remove(type);
        return used;
    }

    /// <summary>Every type that <paramref name="type"/> and the types nested in it use.</summary>
    public static IReadOnlySet<Type> OfWhole(Type type) =>
        type.GetNestedTypes(Declared).SelectMany(OfWhole).Concat(Of(type)).ToHashSet();

    /// <summary>The types in what other assemblies see of <paramref name="type"/>: its bases and its public and protected
    /// members.</summary>
    public static IReadOnlySet<Type> VisibleIn(Type type)
    {
        var used = new HashSet<Type>();
        Add(used, type.BaseType);
        foreach (var contract in type.GetInterfaces())
        {
            Add(used, contract);
        }

        foreach (var method in type.GetMembers(Declared).OfType<MethodBase>().Where(m => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly))
        {
            AddSignature(used, method);
        }

        foreach (var field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
        {
            Add(used, field.FieldType);
        }

        return used;
    }

    /// <summary>The namespace of a type, or of the type it is nested in.</summary>
    public static string NamespaceOf(Type type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.Namespace ?? "";
    }

    private static void AddMember(HashSet<Type> used, MemberInfo member)
    {
        switch (member)
        {
            case FieldInfo field:
                Add(used, field.FieldType);
                break;
            case MethodBase method:
                AddSignature(used, method);
                AddBody(used, method);
                break;
        }

        foreach (var attribute in member.GetCustomAttributesData())
        {
            Add(used, attribute.AttributeType);
        }
    }

    private static void AddSignature(HashSet<Type> used, MethodBase method)
    {
        if (method is MethodInfo { ReturnType: var result })
        {
            Add(used, result);
        }

        foreach (var parameter in method.GetParameters())
        {
            Add(used, parameter.ParameterType);
        }

        if (method.IsGenericMethodDefinition)
        {
            foreach (var constraint in method.GetGenericArguments().SelectMany(argument => argument.GetGenericParameterConstraints()))
            {
                Add(used, constraint);
            }
        }
    }

    private static void AddBody(HashSet<Type> used, MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
        {
            return;
        }

        foreach (var local in body.LocalVariables)
        {
            Add(used, local.LocalType);
        }

        byte[] code = body.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int position = 0; position < code.Length;)
        {
            short value = code[position] == 0xfe ? (short)(0xfe00 | code[position + 1]) : code[position];
            var operation = _opCodes[value];
            position += operation.Size;
            if (operation.OperandType is
                OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                AddReference(used, method.Module.ResolveMember(BitConverter.ToInt32(code, position), typeArguments, methodArguments)!);
            }

            position += OperandSize(operation.OperandType, code, position);
        }
    }

    private static void AddReference(HashSet<Type> used, MemberInfo member)
    {
        Add(used, member as Type ?? member.DeclaringType);
        switch (member)
        {
            case FieldInfo field:
                Add(used, field.FieldType);
                break;
            case MethodBase method:
                AddSignature(used, method);
                if (method.IsGenericMethod)
                {
                    foreach (var argument in method.GetGenericArguments())
                    {
                        Add(used, argument);
                    }
                }

                break;
        }
    }

    private static int OperandSize(OperandType kind, byte[] code, int position) => kind switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, position),
        _ => 4,
    };

    private static void Add(HashSet<Type> used, Type? type)
    {
        if (type is null)
        {
            return;
        }

        if (type.HasElementType)
        {
            Add(used, type.GetElementType());
        }
        else if (!type.IsGenericParameter
            && used.Add(type.IsGenericType ? type.GetGenericTypeDefinition() : type) | type.IsConstructedGenericType)
        {
            foreach (var argument in type.GetGenericArguments())
            {
                Add(used, argument);
            }
        }
    }
}
